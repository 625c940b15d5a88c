-- Who can be written to, and why the others can't: one row a project and type of contact.
select
  project,
  contact_type,
  count(*) as contacts,
  {{ count_where("coalesce(email, '') <> ''") }} as with_address,
  {{ count_where('is_unsubscribed') }} as unsubscribed,
  {{ count_where('is_bounced') }} as bounced,
  {{ count_where('is_spam') }} as spam,
  {{ count_where('is_reachable') }} as reachable
from {{ ref('customerly__contacts') }}
where not is_deleted
group by project, contact_type
