{#- The types that a column of a model can have, in the words of the warehouse. -#}
{%- macro sql_type(type) -%}{{ return(adapter.dispatch('sql_types', 'customerly')()[type]) }}{%- endmacro -%}

{%- macro default__sql_types() -%}
  {{ return({'text': 'text', 'integer': 'bigint', 'number': 'numeric', 'flag': 'boolean',
             'moment': 'timestamp with time zone', 'json': 'jsonb'}) }}
{%- endmacro -%}
{%- macro duckdb__sql_types() -%}
  {{ return({'text': 'varchar', 'integer': 'bigint', 'number': 'double', 'flag': 'boolean',
             'moment': 'timestamp with time zone', 'json': 'json'}) }}
{%- endmacro -%}

{#- A column as one of those types. A time that landed without a zone is UTC. -#}
{%- macro typed(column, held, type) -%}
  {%- if type == 'json' -%}
    {{ adapter.dispatch('as_json', 'customerly')(column) }}
  {%- elif type == 'moment' and held.startswith('timestamp') and not held.endswith('with time zone') -%}
    {{ column }} at time zone 'UTC'
  {%- else -%}
    cast({{ column }} as {{ sql_type(type) }})
  {%- endif -%}
{%- endmacro -%}

{%- macro default__as_json(column) -%}to_jsonb({{ column }}){%- endmacro -%}
{%- macro duckdb__as_json(column) -%}cast({{ column }} as json){%- endmacro -%}

{#- The day of a moment, in UTC. -#}
{%- macro day_of(moment) -%}cast({{ moment }} at time zone 'UTC' as date){%- endmacro -%}

{#- Text that a project made up, as a type; null where it can't be read as one. -#}
{%- macro read_text(text, type) -%}
  {%- set number = "'^-?[0-9]{1,15}([.][0-9]{1,15})?$'" -%}
  {%- set iso = "'^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?Z?)?$'" -%}
  {%- if type == 'number' -%}
    case when {{ matches(text, number) }} then cast({{ text }} as {{ sql_type('number') }}) end
  {%- elif type == 'boolean' -%}
    case when lower({{ text }}) in ('true', '1') then true when lower({{ text }}) in ('false', '0') then false end
  {%- elif type == 'moment' -%}
    case
      when {{ matches(text, "'^-?[0-9]{1,11}$'") }}
        then to_timestamp(cast({{ text }} as {{ sql_type('number') }}))
      when {{ matches(text, iso) }}
        then cast(replace({{ text }}, 'Z', '') as timestamp) at time zone 'UTC'
    end
  {%- else -%}
    {{ text }}
  {%- endif -%}
{%- endmacro -%}

{%- macro matches(text, pattern) -%}{{ adapter.dispatch('matches', 'customerly')(text, pattern) }}{%- endmacro -%}
{%- macro default__matches(text, pattern) -%}{{ text }} ~ {{ pattern }}{%- endmacro -%}
{%- macro duckdb__matches(text, pattern) -%}regexp_matches({{ text }}, {{ pattern }}){%- endmacro -%}

{#- A moment as text that sorts as time does: ISO 8601 in UTC, to the microsecond. -#}
{%- macro iso_text(moment) -%}{{ adapter.dispatch('iso_text', 'customerly')(moment) }}{%- endmacro -%}
{%- macro default__iso_text(moment) -%}
  to_char({{ moment }} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
{%- endmacro -%}
{%- macro duckdb__iso_text(moment) -%}
  strftime({{ moment }} at time zone 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')
{%- endmacro -%}
