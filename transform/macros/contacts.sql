{#- One contact of one project, among many. -#}
{%- macro contact_key() -%}
  project || ':' || cast(contact_id as {{ dbt.type_string() }})
{%- endmacro -%}

{#- Before anything that Customerly can have seen: sorts a missing moment last. -#}
{%- macro long_ago() -%}cast('1900-01-01 00:00:00+00:00' as {{ sql_type('moment') }}){%- endmacro -%}

{#- The newest details of each contact: a lead that became a user can have been looked up as both. -#}
{%- macro newest_details() -%}
  select project, contact_id, contact_type, updated_at, tags, segments, events, companies
  from (
    select
      *,
      row_number() over (
        partition by project, contact_id
        order by
          case when deleted_at is null then 0 else 1 end,
          coalesce(updated_at, {{ long_ago() }}) desc,
          case when contact_type = 'user' then 0 else 1 end
      ) as place
    from {{ ref('base_customerly__contact_details') }}
  ) as ranked
  where place = 1
{%- endmacro -%}
