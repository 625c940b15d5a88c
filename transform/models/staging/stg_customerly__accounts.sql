-- One row a teammate.
select
  project,
  project || ':' || cast(account_id as {{ dbt.type_string() }}) as account_key,
  account_id,
  email,
  deleted_at is not null as is_deleted,
  deleted_at,
  extracted_at
from (
  {{ stream('accounts', [
    ('account_id', 'account_id', 'integer'),
    ('email', 'email', 'text'),
  ], using='using_accounts') }}
) as accounts
