-- How many contacts have each tag: null, not 0, where no contact of the project was looked up.
with looked_up as (
  select distinct project from {{ ref('base_customerly__contact_details') }}
),
used as (
  select
    tagged.project,
    tagged.tag,
    count(*) as contacts,
    {{ count_where("contacts.contact_type = 'user'") }} as users,
    {{ count_where("contacts.contact_type = 'lead'") }} as leads,
    {{ count_where('contacts.is_reachable') }} as reachable
  from {{ ref('stg_customerly__contact_tags') }} as tagged
  inner join {{ ref('customerly__contacts') }} as contacts on contacts.contact_key = tagged.contact_key
  where not contacts.is_deleted
  group by tagged.project, tagged.tag
)
select
  tags.project,
  tags.tag_key,
  tags.tag,
  {%- for count in ('contacts', 'users', 'leads', 'reachable') %}
  case when looked_up.project is not null then coalesce(used.{{ count }}, 0) end as {{ count }}
  {%- if not loop.last %},{% endif %}
  {%- endfor %}
from {{ ref('stg_customerly__tags') }} as tags
left join looked_up on looked_up.project = tags.project
left join used on used.project = tags.project and used.tag = tags.tag
where not tags.is_deleted
