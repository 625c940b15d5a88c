-- One row a tag of a project, with those that only a contact's look-up names.
with listed as (
  {{ stream('tags', [('name', 'tag', 'text')]) }}
),
used as (
  select distinct project, tag from {{ ref('stg_customerly__contact_tags') }}
)
select
  coalesce(listed.project, used.project) as project,
  coalesce(listed.project, used.project) || ':' || coalesce(listed.tag, used.tag) as tag_key,
  coalesce(listed.tag, used.tag) as tag,
  coalesce(listed.deleted_at is not null, false) as is_deleted,
  listed.deleted_at,
  listed.extracted_at
from listed
full outer join used on used.project = listed.project and used.tag = listed.tag
