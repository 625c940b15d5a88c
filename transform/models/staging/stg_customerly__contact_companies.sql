-- One row a contact and company, from the newest look-up of the contact.
with details as (
  {{ newest_details() }}
),
members as (
  select
    details.project,
    {{ contact_key() }} as contact_key,
    details.contact_id,
    {{ json_text('company.value', 'company_id') }} as company_id,
    {{ json_text('company.value', 'company_name') }} as company
  from details
  {{ join_elements('details.companies', 'company') }}
)
select project, contact_key, contact_id, company_id, max(company) as company
from members
where company_id is not null
group by project, contact_key, contact_id, company_id
