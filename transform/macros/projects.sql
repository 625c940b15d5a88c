{#- The projects that unite in every model: name to schema. -#}
{%- macro projects() -%}
  {%- set given = env_var('DBT_CUSTOMERLY_PROJECTS', '') -%}
  {{ return(fromjson(given) if given else var('projects')) }}
{%- endmacro -%}

{#- The table of a stream in a project's schema, or none where it is not there or not wanted. -#}
{%- macro table_of(stream, schema, using) -%}
  {%- set wanted = var(using) if using else true -%}
  {%- if not execute or wanted is sameas false -%}{{ return(none) }}{%- endif -%}
  {%- set declared = source('customerly', stream) -%}
  {%- set found = table_in(declared.database, schema, declared.identifier) -%}
  {%- if found is none and wanted is sameas true -%}
    {%- do exceptions.raise_compiler_error(
          "There is no table " ~ schema ~ "." ~ stream ~ ": extract the stream " ~ stream
          ~ ", or mend the variable `projects`"
          ~ (" or `" ~ using ~ "`" if using else "") ~ " of dbt_project.yml.") -%}
  {%- endif -%}
  {{ return(found) }}
{%- endmacro -%}

{#-
  A table, or none where the warehouse has none of that name.

  What dbt does not know it is asked for once more: while one thread lists a schema that no model is
  in, another can find only a part of it in dbt's cache.
-#}
{%- macro table_in(database, schema, name) -%}
  {%- set known = adapter.get_relation(database=database, schema=schema, identifier=name) -%}
  {%- if known is not none -%}{{ return(known) }}{%- endif -%}
  {%- set wanted = api.Relation.create(database=database, schema=schema, identifier=name) -%}
  {%- for row in list_relations_without_caching(wanted.without_identifier()) -%}
    {%- if row['name'] == name and row['schema'] == schema -%}{{ return(wanted) }}{%- endif -%}
  {%- endfor -%}
  {{ return(none) }}
{%- endmacro -%}

{#-
  One stream of every project, its columns renamed and typed; a column that a table lacks is null.

  Args:
    stream: The stream's name, which is the table's.
    fields: (column, name, type) each; the types are those of `typed`.
    using: The variable that says whether the stream is used; none: it must be there.
-#}
{%- macro stream(stream, fields, using=none) -%}
  {%- set metadata = [('_sdc_extracted_at', 'extracted_at', 'moment'),
                      ('_sdc_deleted_at', 'deleted_at', 'moment')] -%}
  {%- set united = [] -%}
  {%- for project, schema in projects().items() -%}
    {%- set table = table_of(stream, schema, using) -%}
    {%- do united.append(one_stream(project, table, fields + metadata)) -%}
  {%- endfor -%}
  -- depends on: {{ source('customerly', stream) }}
  {{ united | join('\n  union all\n  ') }}
{%- endmacro -%}

{%- macro one_stream(project, table, fields) -%}
  {%- set held = {} -%}
  {%- if table is not none -%}
    {%- for column in adapter.get_columns_in_relation(table) -%}
      {%- do held.update({column.name: column.dtype | lower}) -%}
    {%- endfor -%}
  {%- endif -%}
  select
    cast({{ dbt.string_literal(project) }} as {{ dbt.type_string() }}) as project
    {%- for column, name, type in fields %},
    {{ typed(adapter.quote(column), held[column], type) if column in held
       else 'cast(null as ' ~ sql_type(type) ~ ')' }} as {{ name }}
    {%- endfor %}
  {% if table is none -%} where false {%- else -%} from {{ table }} {%- endif -%}
{%- endmacro -%}
