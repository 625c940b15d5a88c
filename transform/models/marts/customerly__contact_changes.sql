-- Who unsubscribed, became a user, disappeared, and when that was seen: one row a change.
with standing as (
  select
    project,
    contact_key,
    contact_id,
    contact_type,
    is_unsubscribed,
    is_bounced,
    is_deleted or coalesce(dbt_is_deleted, '') = 'True' as is_gone,
    dbt_valid_from as seen_at,
    row_number() over (partition by contact_key order by dbt_valid_from, dbt_scd_id) as place
  from {{ ref('customerly__contact_history') }}
),
steps as (
  select
    now_there.*,
    before.contact_type as contact_type_before,
    before.is_unsubscribed as was_unsubscribed,
    before.is_bounced as was_bounced,
    before.is_gone as was_gone
  from standing as now_there
  inner join standing as before
    on before.contact_key = now_there.contact_key and before.place = now_there.place - 1
)
{%- set changes = {
  'became a user': "contact_type = 'user' and contact_type_before = 'lead'",
  'unsubscribed': 'is_unsubscribed and not was_unsubscribed',
  'subscribed again': 'was_unsubscribed and not is_unsubscribed',
  'bounced': 'is_bounced and not was_bounced',
  'disappeared': 'is_gone and not was_gone',
  'returned': 'was_gone and not is_gone',
} %}
{%- for change, condition in changes.items() %}
{% if not loop.first %}union all{% endif %}
select
  project, contact_key, contact_id,
  cast('{{ change }}' as {{ dbt.type_string() }}) as change,
  seen_at
from steps
where {{ condition }}
{%- endfor %}
