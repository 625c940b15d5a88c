-- One row a contact and tag, from the newest look-up of the contact.
with details as (
  {{ newest_details() }}
)
select distinct
  details.project,
  {{ contact_key() }} as contact_key,
  details.contact_id,
  {{ element_text('tag.value') }} as tag
from details
{{ join_elements('details.tags', 'tag') }}
where {{ element_text('tag.value') }} is not null
