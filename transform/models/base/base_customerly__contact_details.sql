-- What only a look-up tells of users and leads, as their streams have it.
{%- set fields = [
  ('crmhero_user_id', 'contact_id', 'integer'),
  ('last_update', 'updated_at', 'moment'),
  ('user_tags', 'tags', 'json'),
  ('user_segments', 'segments', 'json'),
  ('user_events', 'events', 'json'),
  ('companies', 'companies', 'json'),
] %}
with users as (
  {{ stream('user_details', fields, using='using_contact_details') }}
),
leads as (
  {{ stream('lead_details', fields, using='using_contact_details') }}
)
select *, 'user' as contact_type from users
union all
select *, 'lead' as contact_type from leads
