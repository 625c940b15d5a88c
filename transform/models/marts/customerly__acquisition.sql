-- Where contacts came from: one row a project and campaign, counting who is there now.
select
  project,
  utm_source,
  utm_medium,
  utm_campaign,
  count(*) as contacts,
  {{ count_where("contact_type = 'user'") }} as users,
  {{ count_where("contact_type = 'lead'") }} as leads,
  {{ count_where("lifecycle = 'converted'") }} as converted,
  {{ count_where('is_reachable') }} as reachable
from {{ ref('customerly__contacts') }}
where not is_deleted
group by project, utm_source, utm_medium, utm_campaign
