-- One row a contact. A lead that became a user stays among the leads until the next full read, with
-- the key that it has as a user: the newest wins, and who is there wins over who is gone.
with ranked as (
  select
    *,
    row_number() over (
      partition by project, contact_id
      order by
        case when deleted_at is null then 0 else 1 end,
        coalesce(updated_at, first_seen_at, {{ long_ago() }}) desc,
        case when contact_type = 'user' then 0 else 1 end
    ) as place,
    max(case when contact_type = 'lead' then 1 else 0 end)
      over (partition by project, contact_id) as read_as_lead
  from {{ ref('base_customerly__contacts') }}
)
select
  project,
  {{ contact_key() }} as contact_key,
  contact_id,
  contact_type,
  app_id,
  user_id,
  email,
  name,
  contact_type = 'user' and (coalesce(was_lead, false) or read_as_lead = 1) as was_lead,
  coalesce(is_unsubscribed, false) as is_unsubscribed,
  coalesce(is_bounced, false) as is_bounced,
  coalesce(is_spam, false) as is_spam,
  deleted_at is not null as is_deleted,
  first_seen_at,
  last_activity_at,
  last_page_viewed,
  last_page_viewed_at,
  updated_at,
  deleted_at,
  extracted_at,
  nps_vote,
  rating,
  web_sessions,
  android_sessions,
  ios_sessions,
  referrer,
  utm_source,
  utm_medium,
  utm_campaign,
  utm_content,
  utm_term,
  country,
  country_code,
  region,
  city,
  timezone,
  browser_name,
  browser_language,
  os,
  attributes,
  additional_fields
from ranked
where place = 1
