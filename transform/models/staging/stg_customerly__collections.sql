-- One row a collection of the knowledge base.
select
  project,
  project || ':' || cast(collection_id as {{ dbt.type_string() }}) as collection_key,
  collection_id,
  title,
  slug,
  locale,
  sort,
  deleted_at is not null as is_deleted,
  deleted_at,
  extracted_at
from (
  {{ stream('knowledge_base_collections', [
    ('knowledge_base_collection_id', 'collection_id', 'integer'),
    ('title', 'title', 'text'),
    ('slug', 'slug', 'text'),
    ('locale', 'locale', 'text'),
    ('sort', 'sort', 'integer'),
  ], using='using_knowledge_base') }}
) as collections
