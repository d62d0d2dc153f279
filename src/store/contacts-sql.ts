/* Statements of the address book that both databases read alike; those that take lists stand with each of them. */

export const columns = `
  id, firm_id AS "firmId", first_name AS "firstName", last_name AS "lastName", email, phone, company,
  external_id AS "externalId", language, notes, version, created_at AS "createdAt", updated_at AS "updatedAt"`;

/** Waits until whoever writes in the firm's book has ended. */
export const holdBook = `
  INSERT INTO contact_books (firm_id, changes) VALUES ($1, 1)
  ON CONFLICT (firm_id) DO UPDATE SET changes = contact_books.changes + 1`;

export const contactPage = `
  SELECT ${columns}, sort_key AS "sortKey" FROM contacts
  WHERE firm_id = $1 AND (sort_key, id) > ($2, $3) AND search LIKE $4 ESCAPE '\\'
  ORDER BY sort_key, id LIMIT $5`;

export const contact = `SELECT ${columns} FROM contacts WHERE firm_id = $1 AND id = $2`;

export const removeContact = "DELETE FROM contacts WHERE firm_id = $1 AND id = $2";

export const contactRequest = `
  SELECT fingerprint, answer FROM contact_requests WHERE firm_id = $1 AND id = $2`;

export const keepRequest = `
  INSERT INTO contact_requests (id, firm_id, fingerprint, answer, at) VALUES ($1, $2, $3, $4, $5)`;

export const forgetRequests = "DELETE FROM contact_requests WHERE at < $1";
