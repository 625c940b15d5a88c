select records.project, records.contact_id
from {{ ref('base_customerly__contacts') }} as records
left join {{ ref('customerly__contacts') }} as contacts
  on contacts.project = records.project and contacts.contact_id = records.contact_id
where contacts.contact_key is null
