{#- A member of a JSON object as text: null where it is absent or null. -#}
{%- macro json_text(object, key) -%}{{ adapter.dispatch('json_text', 'customerly')(object, key) }}{%- endmacro -%}
{%- macro default__json_text(object, key) -%}({{ object }} ->> {{ dbt.string_literal(dbt.escape_single_quotes(key)) }}){%- endmacro -%}
{%- macro duckdb__json_text(object, key) -%}
  json_extract_string({{ object }}, {{ dbt.string_literal('$."' ~ dbt.escape_single_quotes(key) ~ '"') }})
{%- endmacro -%}

{#- Joins the elements of a JSON array, as `value`; none where it is no array. -#}
{%- macro join_elements(array, alias) -%}{{ adapter.dispatch('join_elements', 'customerly')(array, alias) }}{%- endmacro -%}
{%- macro default__join_elements(array, alias) -%}
  cross join lateral jsonb_array_elements(
    case when jsonb_typeof({{ array }}) = 'array' then {{ array }} else '[]' end
  ) as {{ alias }}(value)
{%- endmacro -%}
{%- macro duckdb__join_elements(array, alias) -%}
  cross join unnest(
    case when json_type({{ array }}) = 'ARRAY' then cast({{ array }} as json[]) end
  ) as {{ alias }}(value)
{%- endmacro -%}

{#- Joins the members of a JSON object, as `key` and `value`; none where it is no object. -#}
{%- macro join_members(object, alias) -%}{{ adapter.dispatch('join_members', 'customerly')(object, alias) }}{%- endmacro -%}
{%- macro default__join_members(object, alias) -%}
  cross join lateral jsonb_each(
    case when jsonb_typeof({{ object }}) = 'object' then {{ object }} else '{}' end
  ) as {{ alias }}(key, value)
{%- endmacro -%}
{%- macro duckdb__join_members(object, alias) -%}
  cross join unnest(
    case when json_type({{ object }}) = 'OBJECT'
      then map_entries(cast({{ object }} as map(varchar, json))) end
  ) as {{ alias }}_entry(entry)
  cross join lateral (select {{ alias }}_entry.entry.key as key, {{ alias }}_entry.entry.value as value) as {{ alias }}
{%- endmacro -%}

{#- A JSON text element as plain text. -#}
{%- macro element_text(value) -%}{{ adapter.dispatch('element_text', 'customerly')(value) }}{%- endmacro -%}
{%- macro default__element_text(value) -%}({{ value }} #>> '{}'){%- endmacro -%}
{%- macro duckdb__element_text(value) -%}json_extract_string({{ value }}, '$'){%- endmacro -%}
