-- How each article of the knowledge base does.
select
  articles.project,
  articles.article_key,
  articles.article_id,
  articles.title,
  collections.title as collection,
  articles.status,
  articles.created_at,
  articles.updated_at,
  articles.visits,
  articles.positive_reactions,
  articles.neutral_reactions,
  articles.negative_reactions,
  articles.positive_reactions + articles.neutral_reactions + articles.negative_reactions as reactions,
  round(
    cast(
      articles.positive_reactions * 1.0
      / nullif(articles.positive_reactions + articles.neutral_reactions + articles.negative_reactions, 0)
      as {{ dbt.type_numeric() }}
    ),
    4
  ) as positive_share
from {{ ref('stg_customerly__articles') }} as articles
left join {{ ref('stg_customerly__collections') }} as collections
  on collections.collection_key = articles.collection_key
where not articles.is_deleted
