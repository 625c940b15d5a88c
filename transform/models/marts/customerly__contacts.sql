-- One row a person: who they are, where they stand, whether they can be written to.
with contacts as (
  select
    *,
    case
      when is_deleted then 'deleted'
      when contact_type = 'lead' then 'lead'
      when was_lead then 'converted'
      else 'user'
    end as lifecycle,
    case
      when is_deleted then 'deleted'
      when coalesce(email, '') = '' then 'no address'
      when is_bounced then 'bounced'
      when is_spam then 'spam'
      when is_unsubscribed then 'unsubscribed'
    end as unreachable_because
  from {{ ref('stg_customerly__contacts') }}
),
tags as (
  select contact_key, array_agg(tag order by tag) as tags, count(*) as tag_count
  from {{ ref('stg_customerly__contact_tags') }}
  group by contact_key
),
companies as (
  select
    contact_key,
    array_agg(coalesce(company, company_id) order by company_id) as companies,
    count(*) as company_count
  from {{ ref('stg_customerly__contact_companies') }}
  group by contact_key
)
select
  contacts.project,
  contacts.contact_key,
  contacts.contact_id,
  contacts.user_id,
  contacts.email,
  contacts.name,
  contacts.contact_type,
  contacts.lifecycle,
  contacts.unreachable_because is null as is_reachable,
  contacts.unreachable_because,
  contacts.was_lead,
  contacts.is_unsubscribed,
  contacts.is_bounced,
  contacts.is_spam,
  contacts.is_deleted,
  contacts.first_seen_at,
  contacts.last_activity_at,
  contacts.updated_at,
  contacts.deleted_at,
  contacts.extracted_at,
  coalesce(web_sessions, 0) + coalesce(android_sessions, 0) + coalesce(ios_sessions, 0) as sessions,
  contacts.nps_vote,
  contacts.rating,
  contacts.country,
  contacts.country_code,
  contacts.city,
  contacts.timezone,
  contacts.browser_language,
  contacts.utm_source,
  contacts.utm_medium,
  contacts.utm_campaign,
  contacts.referrer,
  tags.tags,
  coalesce(tags.tag_count, 0) as tag_count,
  companies.companies,
  coalesce(companies.company_count, 0) as company_count,
  {% for attribute, type in var('contact_attributes').items() -%}
  {{ read_text(json_text('contacts.attributes', attribute), type) }} as {{ adapter.quote('attribute_' ~ attribute) }},
  {% endfor -%}
  contacts.attributes
from contacts
left join tags on tags.contact_key = contacts.contact_key
left join companies on companies.contact_key = contacts.contact_key
