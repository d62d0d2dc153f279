import { columns } from "../contacts-sql.ts";

/** The plus keeps SQLite off the index by firm: it would read the whole book. */
export const contactsById = `
  SELECT ${columns} FROM contacts WHERE +firm_id = ? AND id IN (SELECT value FROM json_each(?))`;

/** Those that rows with these references (?2) and persons (?3) may mean; with an OR it would read the whole book, too. */
export const contactsMeant = `
  SELECT ${columns} FROM contacts WHERE id IN (
    SELECT id FROM contacts WHERE firm_id = ?1 AND external_id IN (SELECT value FROM json_each(?2))
    UNION
    SELECT id FROM contacts WHERE firm_id = ?1 AND person_key IN (SELECT value FROM json_each(?3)))`;

export const writeContacts = `
  INSERT INTO contacts (id, firm_id, first_name, last_name, email, phone, company, external_id, language, notes,
    person_key, sort_key, search, version, created_at, updated_at)
  SELECT value ->> 'id', value ->> 'firmId', value ->> 'firstName', value ->> 'lastName', value ->> 'email',
    value ->> 'phone', value ->> 'company', value ->> 'externalId', value ->> 'language', value ->> 'notes',
    value ->> 'personKey', value ->> 'sortKey', value ->> 'search', value ->> 'version', value ->> 'createdAt',
    value ->> 'updatedAt'
  FROM json_each(?) WHERE true
  ON CONFLICT (id) DO UPDATE SET first_name = excluded.first_name, last_name = excluded.last_name,
    email = excluded.email, phone = excluded.phone, company = excluded.company, external_id = excluded.external_id,
    language = excluded.language, notes = excluded.notes, person_key = excluded.person_key,
    sort_key = excluded.sort_key, search = excluded.search, version = excluded.version,
    updated_at = excluded.updated_at
  WHERE contacts.firm_id = excluded.firm_id`;
