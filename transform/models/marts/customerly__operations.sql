-- What each run of target-customerly did: how many operations ended how, and why.
select
  project,
  run_id,
  stream,
  operation,
  status,
  reason,
  count(*) as operations,
  min(started_at) as started_at,
  max(finished_at) as finished_at
from {{ ref('stg_customerly__operations') }}
group by project, run_id, stream, operation, status, reason
