-- One row an operation of target-customerly, as its log has it.
select
  project,
  project || ':' || operation_id as operation_key,
  run_id,
  stream,
  line,
  contact,
  operation,
  status,
  reason,
  attempts,
  started_at,
  finished_at,
  extracted_at
from (
  {{ stream('operations', [
    ('operation_id', 'operation_id', 'text'),
    ('run', 'run_id', 'text'),
    ('stream', 'stream', 'text'),
    ('line', 'line', 'integer'),
    ('key', 'contact', 'text'),
    ('operation', 'operation', 'text'),
    ('status', 'status', 'text'),
    ('reason', 'reason', 'text'),
    ('attempts', 'attempts', 'integer'),
    ('started_at', 'started_at', 'moment'),
    ('finished_at', 'finished_at', 'moment'),
  ], using='using_operations') }}
) as operations
