-- What was read when: one row a project and stream that has records.
with records as (
  select project, contact_type || 's' as stream, deleted_at, extracted_at
  from {{ ref('base_customerly__contacts') }}
  union all
  select project, contact_type || '_details', deleted_at, extracted_at
  from {{ ref('base_customerly__contact_details') }}
  {%- for stream in ('tags', 'accounts', 'collections', 'articles') %}
  union all
  select project, '{{ stream }}', deleted_at, extracted_at
  from {{ ref('stg_customerly__' ~ stream) }}
  {%- endfor %}
  {%- for stream in ('webhook_events', 'operations') %}
  union all
  select project, '{{ stream }}', null, extracted_at
  from {{ ref('stg_customerly__' ~ stream) }}
  {%- endfor %}
)
select
  project,
  stream,
  count(*) as records,
  {{ count_where('deleted_at is not null') }} as deleted,
  max(extracted_at) as loaded_at
from records
where extracted_at is not null
group by project, stream
