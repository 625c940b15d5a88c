-- One row an article of the knowledge base.
select
  project,
  project || ':' || cast(article_id as {{ dbt.type_string() }}) as article_key,
  article_id,
  project || ':' || cast(collection_id as {{ dbt.type_string() }}) as collection_key,
  collection_id,
  title,
  slug,
  status,
  written_by,
  created_at,
  updated_at,
  coalesce(visits, 0) as visits,
  coalesce(positive_reactions, 0) as positive_reactions,
  coalesce(neutral_reactions, 0) as neutral_reactions,
  coalesce(negative_reactions, 0) as negative_reactions,
  deleted_at is not null as is_deleted,
  deleted_at,
  extracted_at
from (
  {{ stream('knowledge_base_articles', [
    ('knowledge_base_article_id', 'article_id', 'integer'),
    ('knowledge_base_collection_id', 'collection_id', 'integer'),
    ('title', 'title', 'text'),
    ('slug', 'slug', 'text'),
    ('status', 'status', 'text'),
    ('written_by', 'written_by', 'integer'),
    ('created_at', 'created_at', 'moment'),
    ('updated_at', 'updated_at', 'moment'),
    ('num_visits', 'visits', 'integer'),
    ('num_positive_reactions', 'positive_reactions', 'integer'),
    ('num_neutral_reactions', 'neutral_reactions', 'integer'),
    ('num_negative_reactions', 'negative_reactions', 'integer'),
  ], using='using_knowledge_base') }}
) as articles
