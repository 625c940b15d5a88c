-- Each mart that divides the contacts adds up to all of them again.
with there as (
  select project, count(*) as contacts
  from {{ ref('customerly__contacts') }}
  where not is_deleted
  group by project
),
added as (
  select 'acquisition' as mart, project, sum(contacts) as contacts
  from {{ ref('customerly__acquisition') }} group by project
  union all
  select 'deliverability', project, sum(contacts)
  from {{ ref('customerly__deliverability') }} group by project
  {% for attribute in var('contact_attributes') -%}
  union all
  select 'attribute {{ attribute | replace("'", "''") }}', project, sum(contacts)
  from {{ ref('customerly__attributes') }}
  where attribute = {{ dbt.string_literal(attribute) }} group by project
  {% endfor %}
)
select added.mart, added.project, added.contacts, there.contacts as wanted
from added
inner join there on there.project = added.project
where added.contacts <> there.contacts
