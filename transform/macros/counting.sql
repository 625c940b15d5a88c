{#- How many rows of a group are so. -#}
{%- macro count_where(condition) -%}sum(case when {{ condition }} then 1 else 0 end){%- endmacro -%}

{#- A row for each day from the first to the last. -#}
{%- macro each_day(first, last) -%}{{ adapter.dispatch('each_day', 'customerly')(first, last) }}{%- endmacro -%}
{%- macro default__each_day(first, last) -%}
  generate_series({{ first }}, {{ last }}, interval '1 day')
{%- endmacro -%}
{%- macro duckdb__each_day(first, last) -%}
  unnest(generate_series({{ first }}, {{ last }}, interval '1 day'))
{%- endmacro -%}
