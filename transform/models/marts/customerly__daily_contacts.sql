-- One row a project and day, from the first contact to the newest load. Who was first seen in the
-- future counts on the last day, who was before 2010, when there was no Customerly, on its first.
with contacts as (
  select
    project,
    contact_type,
    {{ day_of('extracted_at') }} as loaded_on,
    greatest(
      {{ day_of('coalesce(first_seen_at, last_activity_at, updated_at, extracted_at)') }},
      cast('2010-01-01' as date)
    ) as seen_on,
    {{ day_of('deleted_at') }} as deleted_on
  from {{ ref('stg_customerly__contacts') }}
),
spans as (
  select
    project,
    greatest(max(loaded_on), max(deleted_on)) as last_day
  from contacts
  group by project
),
placed as (
  select
    contacts.project,
    contacts.contact_type,
    least(contacts.seen_on, spans.last_day, contacts.deleted_on) as seen_on,
    contacts.deleted_on,
    spans.last_day
  from contacts
  inner join spans on spans.project = contacts.project
),
changes as (
  select
    project,
    seen_on as date_day,
    1 as new_contacts,
    case when contact_type = 'user' then 1 else 0 end as new_users,
    case when contact_type = 'lead' then 1 else 0 end as new_leads,
    0 as deleted_contacts
  from placed
  union all
  select project, deleted_on, 0, 0, 0, 1 from placed where deleted_on is not null
),
days as (
  select project, cast(date_day as date) as date_day
  from (
    select
      placed.project,
      {{ each_day('min(placed.seen_on)', 'max(placed.last_day)') }} as date_day
    from placed
    group by placed.project
  ) as spread
),
daily as (
  select
    days.project,
    days.date_day,
    coalesce(sum(changes.new_contacts), 0) as new_contacts,
    coalesce(sum(changes.new_users), 0) as new_users,
    coalesce(sum(changes.new_leads), 0) as new_leads,
    coalesce(sum(changes.deleted_contacts), 0) as deleted_contacts
  from days
  left join changes on changes.project = days.project and changes.date_day = days.date_day
  group by days.project, days.date_day
)
select
  project,
  date_day,
  cast(new_contacts as {{ sql_type('integer') }}) as new_contacts,
  cast(new_users as {{ sql_type('integer') }}) as new_users,
  cast(new_leads as {{ sql_type('integer') }}) as new_leads,
  cast(deleted_contacts as {{ sql_type('integer') }}) as deleted_contacts,
  cast(
    sum(new_contacts - deleted_contacts) over (partition by project order by date_day)
    as {{ sql_type('integer') }}
  ) as contacts
from daily
