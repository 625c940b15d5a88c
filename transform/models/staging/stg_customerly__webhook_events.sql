-- One row a delivery that `customerly listen` kept.
select
  project,
  project || ':' || cast(sequence as {{ dbt.type_string() }}) as delivery_key,
  sequence,
  received_at,
  hook,
  event,
  email,
  contact_id,
  md5(coalesce(cast(body as {{ dbt.type_string() }}), body_text, body_base64, '')) as body_digest,
  extracted_at
from (
  {{ stream('webhook_events', [
    ('sequence', 'sequence', 'integer'),
    ('received_at', 'received_at', 'moment'),
    ('hook', 'hook', 'text'),
    ('event', 'event', 'text'),
    ('email', 'email', 'text'),
    ('crmhero_user_id', 'contact_id', 'integer'),
    ('body', 'body', 'json'),
    ('body_text', 'body_text', 'text'),
    ('body_base64', 'body_base64', 'text'),
  ], using='using_webhook_events') }}
) as deliveries
