-- One row a contact and segment, from the newest look-up of the contact.
with details as (
  {{ newest_details() }}
),
members as (
  select
    details.project,
    {{ contact_key() }} as contact_key,
    details.contact_id,
    {{ json_text('segment.value', 'segment_id') }} as segment_id,
    {{ json_text('segment.value', 'name') }} as segment,
    {{ read_text(json_text('segment.value', 'entry_date'), 'moment') }} as entered_at
  from details
  {{ join_elements('details.segments', 'segment') }}
)
select project, contact_key, contact_id, segment_id, max(segment) as segment, min(entered_at) as entered_at
from members
where segment_id is not null
group by project, contact_key, contact_id, segment_id
