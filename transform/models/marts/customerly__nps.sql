-- The net promoter score of who is there: one row a project and type of contact that voted.
with votes as (
  select project, contact_type, nps_vote
  from {{ ref('customerly__contacts') }}
  where not is_deleted and nps_vote between 0 and 10
),
counted as (
  select
    project,
    contact_type,
    count(*) as votes,
    {{ count_where('nps_vote >= 9') }} as promoters,
    {{ count_where('nps_vote >= 7 and nps_vote < 9') }} as passives,
    {{ count_where('nps_vote < 7') }} as detractors
  from votes
  group by project, contact_type
)
select
  *,
  round(cast(100.0 * (promoters - detractors) / votes as {{ dbt.type_numeric() }}), 1) as score
from counted
