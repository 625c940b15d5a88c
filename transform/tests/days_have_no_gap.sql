select project, count(*) as days
from {{ ref('customerly__daily_contacts') }}
group by project
having count(*) <> {{ dbt.datediff('min(date_day)', 'max(date_day)', 'day') }} + 1
