-- What was delivered by webhook, by day. A delivery can come twice: `distinct_deliveries` says what was new.
select
  project,
  {{ day_of('received_at') }} as date_day,
  coalesce(event, 'unnamed') as event,
  count(*) as deliveries,
  count(distinct body_digest) as distinct_deliveries,
  count(distinct coalesce(cast(contact_id as {{ dbt.type_string() }}), lower(email))) as contacts
from {{ ref('stg_customerly__webhook_events') }}
group by project, {{ day_of('received_at') }}, coalesce(event, 'unnamed')
