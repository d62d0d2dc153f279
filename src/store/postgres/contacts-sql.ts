import { columns } from "../contacts-sql.ts";

export const contactsById = `
  SELECT ${columns} FROM contacts
  WHERE firm_id = $1 AND id = ANY(ARRAY(SELECT json_array_elements_text($2::json)))`;

/** Those that rows with these references ($2) and persons ($3) may mean. */
export const contactsMeant = `
  SELECT ${columns} FROM contacts
  WHERE firm_id = $1 AND (external_id = ANY(ARRAY(SELECT json_array_elements_text($2::json)))
    OR person_key = ANY(ARRAY(SELECT json_array_elements_text($3::json))))`;

export const writeContacts = `
  INSERT INTO contacts (id, firm_id, first_name, last_name, email, phone, company, external_id, language, notes,
    person_key, sort_key, search, version, created_at, updated_at)
  SELECT id, "firmId", "firstName", "lastName", email, phone, company, "externalId", language, notes,
    "personKey", "sortKey", search, version, "createdAt", "updatedAt"
  FROM json_to_recordset($1::json) AS given (id text, "firmId" text, "firstName" text, "lastName" text, email text,
    phone text, company text, "externalId" text, language text, notes text, "personKey" text, "sortKey" text,
    search text, version bigint, "createdAt" bigint, "updatedAt" bigint)
  ON CONFLICT (id) DO UPDATE SET first_name = excluded.first_name, last_name = excluded.last_name,
    email = excluded.email, phone = excluded.phone, company = excluded.company, external_id = excluded.external_id,
    language = excluded.language, notes = excluded.notes, person_key = excluded.person_key,
    sort_key = excluded.sort_key, search = excluded.search, version = excluded.version,
    updated_at = excluded.updated_at
  WHERE contacts.firm_id = excluded.firm_id`;
