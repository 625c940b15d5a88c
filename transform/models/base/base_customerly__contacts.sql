-- Users and leads as their streams have them: who was read in both is here twice.
{%- set fields = [
  ('crmhero_user_id', 'contact_id', 'integer'),
  ('app_id', 'app_id', 'text'),
  ('user_id', 'user_id', 'text'),
  ('email', 'email', 'text'),
  ('name', 'name', 'text'),
  ('was_lead', 'was_lead', 'flag'),
  ('unsubscribe', 'is_unsubscribed', 'flag'),
  ('bounce', 'is_bounced', 'flag'),
  ('spam', 'is_spam', 'flag'),
  ('first_seen_at', 'first_seen_at', 'moment'),
  ('last_activity', 'last_activity_at', 'moment'),
  ('last_page_viewed', 'last_page_viewed', 'text'),
  ('last_page_viewed_at', 'last_page_viewed_at', 'moment'),
  ('last_update', 'updated_at', 'moment'),
  ('nps_vote', 'nps_vote', 'number'),
  ('rating', 'rating', 'number'),
  ('web_session', 'web_sessions', 'integer'),
  ('android_session', 'android_sessions', 'integer'),
  ('ios_session', 'ios_sessions', 'integer'),
  ('referrer', 'referrer', 'text'),
  ('utm_source', 'utm_source', 'text'),
  ('utm_medium', 'utm_medium', 'text'),
  ('utm_campaign', 'utm_campaign', 'text'),
  ('utm_content', 'utm_content', 'text'),
  ('utm_term', 'utm_term', 'text'),
  ('country', 'country', 'text'),
  ('country_code', 'country_code', 'text'),
  ('region', 'region', 'text'),
  ('city', 'city', 'text'),
  ('timezone', 'timezone', 'text'),
  ('browser_name', 'browser_name', 'text'),
  ('browser_language', 'browser_language', 'text'),
  ('os', 'os', 'text'),
  ('attributes', 'attributes', 'json'),
  ('additional_fields', 'additional_fields', 'json'),
] %}
with users as (
  {{ stream('users', fields) }}
),
leads as (
  {{ stream('leads', fields) }}
)
select *, 'user' as contact_type from users
union all
select *, 'lead' as contact_type from leads
