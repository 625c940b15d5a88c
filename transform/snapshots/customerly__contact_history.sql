{% snapshot customerly__contact_history %}
{{ config(
    unique_key='contact_key',
    strategy='check',
    check_cols=['contact_type', 'was_lead', 'is_unsubscribed', 'is_bounced', 'is_spam', 'is_deleted'],
    hard_deletes='new_record',
) }}
-- Where each contact stood, and when that was seen. No address, no name: history is kept for long.
select
  project,
  contact_key,
  contact_id,
  contact_type,
  was_lead,
  is_unsubscribed,
  is_bounced,
  is_spam,
  is_deleted,
  updated_at,
  deleted_at
from {{ ref('stg_customerly__contacts') }}
{% endsnapshot %}
