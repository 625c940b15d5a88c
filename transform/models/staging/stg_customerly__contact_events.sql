-- One row a contact and kind of event, from the newest look-up of the contact.
with details as (
  {{ newest_details() }}
)
select
  details.project,
  {{ contact_key() }} as contact_key,
  details.contact_id,
  event.key as event,
  {{ read_text(json_text('event.value', 'first'), 'moment') }} as first_at,
  {{ read_text(json_text('event.value', 'last'), 'moment') }} as last_at,
  cast({{ read_text(json_text('event.value', 'count'), 'number') }} as {{ sql_type('integer') }}) as times
from details
{{ join_members('details.events', 'event') }}
