-- How many contacts have which value of the attributes that the project chose.
{% for attribute in var('contact_attributes') -%}
select
  project,
  cast({{ dbt.string_literal(attribute) }} as {{ dbt.type_string() }}) as attribute,
  cast({{ adapter.quote('attribute_' ~ attribute) }} as {{ dbt.type_string() }}) as value,
  count(*) as contacts
from {{ ref('customerly__contacts') }}
where not is_deleted
group by project, {{ adapter.quote('attribute_' ~ attribute) }}
{% if not loop.last %}union all{% endif %}
{% else -%}
select project, email as attribute, email as value, contact_id as contacts
from {{ ref('customerly__contacts') }} where false
{% endfor -%}
