-- What `meltano run activate` writes to Customerly: edit this model. One row a user, by `email`; each
-- further column becomes a custom attribute, null clears it. `changed_at` says which rows are new to
-- the next run, and stays here; it is text, since tap-postgres compares it as text. A row that leaves
-- the model is deleted from Customerly by `meltano run activate-mirror`, and by nothing else.
select
  email,
  lifecycle,
  tag_count,
  company_count,
  changed_at
from (
  select
    *,
    {{ iso_text('extracted_at') }} as changed_at,
    row_number() over (partition by lower(email) order by updated_at desc) as place
  from {{ ref('customerly__contacts') }}
  where contact_type = 'user' and not is_deleted and email <> ''
    and project = {{ dbt.string_literal(projects() | list | first) }}
) as users
where place = 1
