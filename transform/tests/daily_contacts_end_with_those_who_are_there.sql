with there as (
  select project, sum(case when is_deleted then 0 else 1 end) as contacts
  from {{ ref('customerly__contacts') }}
  group by project
),
last_days as (
  select project, contacts, row_number() over (partition by project order by date_day desc) as place
  from {{ ref('customerly__daily_contacts') }}
)
select there.project, there.contacts, last_days.contacts as counted
from there
left join last_days on last_days.project = there.project and last_days.place = 1
where last_days.contacts is null or last_days.contacts <> there.contacts
