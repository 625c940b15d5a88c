select *
from {{ ref('customerly__nps') }}
where promoters + passives + detractors <> votes or score not between -100 and 100
