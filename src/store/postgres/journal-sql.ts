/*
 * The statements of the hot path on PostgreSQL: lists come as one JSON parameter, so a group of 500 costs one
 * statement a table. A list of keys becomes an array first, since only with an array is an index sure to be used.
 */

const texts = "ARRAY(SELECT json_array_elements_text($1::json))";
const numbers = "ARRAY(SELECT json_array_elements_text($1::json)::bigint)";

/** A message that waits in the mailbox is known as well: it was accepted. */
export const receipts = `
  SELECT message_id, actor_id, fingerprint, outcome, at FROM receipts WHERE message_id = ANY(${texts})
  UNION ALL
  SELECT message_id, actor_id, fingerprint, '{"status":"accepted"}', accepted_at FROM mailbox
  WHERE message_id = ANY(${texts})
    AND NOT EXISTS (SELECT 1 FROM receipts WHERE receipts.message_id = mailbox.message_id)`;

/**
 * The same for one firm ($1), seen from outside: a message is of the firm of its actor, and a dead letter, whose actor
 * may never have been, of the firm that sent it.
 */
export const firmReceipts = `
  SELECT receipts.message_id, receipts.actor_id, fingerprint, outcome, receipts.at
  FROM receipts LEFT JOIN actors ON actors.id = receipts.actor_id
    LEFT JOIN dead_letters ON dead_letters.message_id = receipts.message_id
  WHERE receipts.message_id = ANY(ARRAY(SELECT json_array_elements_text($2::json)))
    AND coalesce(dead_letters.firm_id, actors.firm_id) = $1
  UNION ALL
  SELECT message_id, actor_id, fingerprint, '{"status":"accepted"}', accepted_at FROM mailbox
  WHERE message_id = ANY(ARRAY(SELECT json_array_elements_text($2::json))) AND firm_id = $1
    AND NOT EXISTS (SELECT 1 FROM receipts WHERE receipts.message_id = mailbox.message_id)`;

export const waitingParts = `SELECT DISTINCT part FROM mailbox WHERE part = ANY(${numbers})`;

export const mail = `
  SELECT seq, message_id, actor_id, kind, firm_id, fingerprint, payload, attempts FROM mailbox
  WHERE part = ANY(${numbers}) AND (not_before <= $2 OR (not_before > $3 AND not_before < 9007199254740991))
  ORDER BY seq LIMIT $4`;

export const actors = `
  SELECT id, kind, firm_id, version, state, head_hash, created_at, updated_at, wrapped
  FROM actors LEFT JOIN actor_keys ON actor_keys.actor_id = actors.id
  WHERE id = ANY(${texts})`;

export const insertKeys = `
  INSERT INTO actor_keys (actor_id, wrapped)
  SELECT id, wrapped FROM json_to_recordset($1::json) AS given (id text, wrapped text)`;

export const insertEvents = `
  INSERT INTO events (actor_id, version, n, message_id, type, data, at, previous_hash, hash)
  SELECT "actorId", version, n, "messageId", type, data, at, "previousHash", hash
  FROM json_to_recordset($1::json) AS given ("actorId" text, version bigint, n bigint, "messageId" text, type text,
    data text, at bigint, "previousHash" text, hash text)`;

export const upsertActors = `
  INSERT INTO actors (id, kind, firm_id, part, version, status, state, head_hash, created_at, updated_at)
  SELECT id, kind, "firmId", part, version, status, state, "headHash", "createdAt", "updatedAt"
  FROM json_to_recordset($1::json) AS given (id text, kind text, "firmId" text, part bigint, version bigint,
    status text, state text, "headHash" text, "createdAt" bigint, "updatedAt" bigint)
  ON CONFLICT (id) DO UPDATE SET version = excluded.version, status = excluded.status, state = excluded.state,
    head_hash = excluded.head_hash, updated_at = excluded.updated_at`;

export const insertEffects = `
  INSERT INTO outbox (id, actor_id, firm_id, kind, payload, status, attempts, due_at)
  SELECT id, "actorId", "firmId", kind, payload, 'pending', 0, "dueAt"
  FROM json_to_recordset($1::json) AS given (id text, "actorId" text, "firmId" text, kind text, payload text,
    "dueAt" bigint)`;

export const insertBlobUses = `
  INSERT INTO blob_uses (sha256, actor_id, document_id)
  SELECT DISTINCT sha256, "actorId", "documentId"
  FROM json_to_recordset($1::json) AS given (sha256 text, "actorId" text, "documentId" text)
  ON CONFLICT (sha256, actor_id, document_id) DO NOTHING`;

/**
 * An evidence file that was made again: the one before is nobody's now. Found by its actor: the index by document has
 * the evidence files of all collectes under one value.
 */
export const dropOldEvidence = `
  DELETE FROM blob_uses USING json_to_recordset($1::json) AS given (sha256 text, "actorId" text)
  WHERE blob_uses.actor_id = given."actorId" AND document_id || '' = '' AND blob_uses.sha256 <> given.sha256`;

/** Removed, or being removed. */
export const goneBlobs = `SELECT sha256 FROM condemned_blobs WHERE sha256 = ANY(${texts})`;

export const insertLinks = `
  INSERT INTO links (token_hash, firm_id, collecte_id, person_id, purpose, generation)
  SELECT "tokenHash", "firmId", "collecteId", "personId", purpose, generation
  FROM json_to_recordset($1::json) AS given ("tokenHash" text, "firmId" text, "collecteId" text, "personId" text,
    purpose text, generation bigint)
  ON CONFLICT (token_hash) DO NOTHING`;

export const upsertTimers = `
  INSERT INTO timers (actor_id, name, generation, due_at)
  SELECT "actorId", name, generation, "dueAt"
  FROM json_to_recordset($1::json) AS given ("actorId" text, name text, generation bigint, "dueAt" bigint)
  ON CONFLICT (actor_id, name) DO UPDATE SET generation = excluded.generation, due_at = excluded.due_at`;

export const clearTimers = `
  DELETE FROM timers USING json_to_recordset($1::json) AS given ("actorId" text, name text)
  WHERE timers.actor_id = given."actorId" AND timers.name = given.name`;

export const upsertAwaited = `
  INSERT INTO awaited (actor_id, firm_id, member_id, act, act_key, due_at, document_type, since)
  SELECT "actorId", "firmId", "memberId", act, key, "dueAt", "documentType", since
  FROM json_to_recordset($1::json) AS given ("actorId" text, "firmId" text, "memberId" text, act text, key text,
    "dueAt" bigint, "documentType" text, since bigint)
  ON CONFLICT (actor_id, act, act_key) DO UPDATE SET member_id = excluded.member_id, due_at = excluded.due_at,
    document_type = excluded.document_type, since = excluded.since`;

export const deleteAwaited = `
  DELETE FROM awaited USING json_to_recordset($1::json) AS given ("actorId" text, act text, key text)
  WHERE awaited.actor_id = given."actorId" AND awaited.act = given.act AND awaited.act_key = given.key`;

export const insertReceipts = `
  INSERT INTO receipts (message_id, actor_id, fingerprint, outcome, at)
  SELECT "messageId", "actorId", fingerprint, outcome, at
  FROM json_to_recordset($1::json) AS given ("messageId" text, "actorId" text, fingerprint text, outcome text,
    at bigint)`;

/** Only the receipt that was read: a newer one under the same id is another answer. */
export const forgetReceipts = `
  DELETE FROM receipts USING json_to_recordset($1::json) AS given ("messageId" text, at bigint)
  WHERE receipts.message_id = given."messageId" AND receipts.at = given.at`;

export const setAside = `UPDATE mailbox SET not_before = 9007199254740991 WHERE seq = ANY(${numbers})`;

export const deleteMail = `DELETE FROM mailbox WHERE seq = ANY(${numbers})`;

export const insertMail = `
  INSERT INTO mailbox (message_id, actor_id, part, kind, firm_id, fingerprint, payload, attempts, not_before,
    accepted_at)
  SELECT id, "actorId", part, kind, "firmId", fingerprint, payload, attempts, "notBefore", at
  FROM json_to_recordset($1::json) AS given (id text, "actorId" text, part bigint, kind text, "firmId" text,
    fingerprint text, payload text, attempts bigint, "notBefore" bigint, at bigint)
  ON CONFLICT (message_id) DO NOTHING`;

export const insertDeadLetters = `
  INSERT INTO dead_letters (message_id, actor_id, kind, firm_id, error, payload, at)
  SELECT id, "actorId", kind, "firmId", error, payload, at
  FROM json_to_recordset($1::json) AS given (id text, "actorId" text, kind text, "firmId" text, error text,
    payload text, at bigint)`;

export const deleteEffects = `DELETE FROM outbox WHERE id = ANY(${texts})`;

/** Only the holder of the living lease may give it back. */
export const postponeEffects = `
  UPDATE outbox SET status = 'pending', lease_until = NULL, due_at = given."dueAt",
    last_error = given.error, faults = given.faults, doubts = given.doubts, lapses = given.lapses
  FROM json_to_recordset($1::json) AS given (id text, attempts bigint, faults bigint, doubts bigint, lapses bigint,
    "dueAt" bigint, error text)
  WHERE outbox.id = given.id AND outbox.attempts = given.attempts AND status = 'leased'`;

/** Read as JSON only where there is a code: `jsonb` refuses some characters that JSON may hold. */
const payloadWithoutCode = `
  CASE WHEN payload LIKE '%"sealedCode"%' THEN (payload::jsonb - 'sealedCode')::text ELSE payload END`;

export const buryEffects = `
  UPDATE outbox SET status = 'dead', lease_until = NULL, last_error = given.error, payload = ${payloadWithoutCode}
  FROM json_to_recordset($1::json) AS given (id text, attempts bigint, error text)
  WHERE outbox.id = given.id AND outbox.attempts = given.attempts AND status = 'leased'`;

export const returnEffects = `
  UPDATE outbox SET status = 'pending', lease_until = NULL
  FROM json_to_recordset($1::json) AS given (id text, attempts bigint)
  WHERE outbox.id = given.id AND outbox.attempts = given.attempts AND status = 'leased'`;

/** A lease that has run out and that nobody took yet is still the holder's. */
export const renewLeases = `
  UPDATE outbox SET lease_until = given."leaseUntil", begun = 1
  FROM json_to_recordset($1::json) AS given (id text, attempts bigint, "leaseUntil" bigint)
  WHERE outbox.id = given.id AND outbox.attempts = given.attempts AND status = 'leased'`;

/** A row that somebody settles or prolongs just now is passed over, not waited for. */
export const lapsedLeases = `
  SELECT seq, kind, lapses, begun, lease_until, due_at FROM outbox
  WHERE status = 'leased' AND (lease_until <= $1 OR lease_until > $2)
    AND kind = ANY(ARRAY(SELECT json_array_elements_text($3::json)))
  FOR UPDATE SKIP LOCKED`;

export const releaseLeases = `
  UPDATE outbox SET status = 'pending', lease_until = NULL, lapses = given.lapses, due_at = given."dueAt"
  FROM json_to_recordset($1::json) AS given (seq bigint, lapses bigint, "dueAt" bigint)
  WHERE outbox.seq = given.seq`;

/**
 * Finds what may be leased under the limit ($1), and no more than $5, as on SQLite: of each firm its oldest first, and
 * firm by firm in turn. What a firm has in hand already counts as its turns, and ties go to the firms after the one
 * served last ($3). What is due further ahead than any pause lasts ($6) is due now.
 */
export const claimable = `
  WITH RECURSIVE
    held AS (SELECT firm_id, count(*) AS turns FROM outbox WHERE status = 'leased' AND kind = $4 GROUP BY firm_id),
    free (slots) AS (SELECT least($5::bigint, greatest(0, $1::bigint - coalesce(sum(turns), 0)))::bigint FROM held),
    firms (firm_id) AS (
      (SELECT firm_id FROM outbox WHERE status = 'pending' AND kind = $4 ORDER BY firm_id LIMIT 1)
      UNION ALL
      SELECT (SELECT outbox.firm_id FROM outbox
        WHERE status = 'pending' AND kind = $4 AND outbox.firm_id > firms.firm_id ORDER BY outbox.firm_id LIMIT 1)
      FROM firms WHERE firms.firm_id IS NOT NULL
    ),
    due AS (
      SELECT own.seq, firms.firm_id, coalesce(held.turns, 0)
        + row_number() OVER (PARTITION BY firms.firm_id ORDER BY own.due_at, own.seq) AS turn
      FROM firms CROSS JOIN LATERAL (
        (SELECT seq, due_at FROM outbox
          WHERE status = 'pending' AND kind = $4 AND outbox.firm_id = firms.firm_id AND due_at <= $2
          ORDER BY due_at, seq LIMIT (SELECT slots FROM free))
        UNION ALL
        (SELECT seq, due_at FROM outbox
          WHERE status = 'pending' AND kind = $4 AND outbox.firm_id = firms.firm_id AND due_at > $6
          ORDER BY due_at, seq LIMIT (SELECT slots FROM free))
      ) AS own
      LEFT JOIN held ON held.firm_id = firms.firm_id
    )
  SELECT seq, firm_id FROM due ORDER BY turn, firm_id <= $3, firm_id LIMIT (SELECT slots FROM free)`;

export const lease = `
  UPDATE outbox SET status = 'leased', lease_until = $2, attempts = attempts + 1, begun = 0
  WHERE seq = ANY(ARRAY(
    SELECT seq FROM outbox WHERE seq = ANY(${numbers}) AND status = 'pending' FOR UPDATE SKIP LOCKED))
  RETURNING id, attempts, kind`;

export const buckets = `SELECT kind, thousandths, refilled_at, day, day_count FROM buckets WHERE kind = ANY(${texts})`;

export const keepBuckets = `
  INSERT INTO buckets (kind, thousandths, refilled_at, day, day_count)
  SELECT kind, thousandths, "refilledAt", day, "dayCount"
  FROM json_to_recordset($1::json) AS given (kind text, thousandths bigint, "refilledAt" bigint, day text,
    "dayCount" bigint)
  ON CONFLICT (kind) DO UPDATE SET thousandths = excluded.thousandths, refilled_at = excluded.refilled_at,
    day = excluded.day, day_count = excluded.day_count`;

export const insertDocuments = `
  INSERT INTO documents (id, firm_id, name, sha256, bytes, pages, repaired_from, neutralised, created_at)
  SELECT id, "firmId", name, sha256, bytes, pages, "repairedFrom", neutralised, "createdAt"
  FROM json_to_recordset($1::json) AS given (id text, "firmId" text, name text, sha256 text, bytes bigint,
    pages bigint, "repairedFrom" text, neutralised bigint, "createdAt" bigint)
  ON CONFLICT (id) DO NOTHING`;

export const documents = `
  SELECT id, name, sha256, bytes, pages, repaired_from AS "repairedFrom", neutralised FROM documents
  WHERE firm_id = $1 AND id = ANY(ARRAY(SELECT json_array_elements_text($2::json)))`;

export const insertLeaves = `
  INSERT INTO merkle_leaves (hour, position, actor_id, version, head_hash)
  SELECT hour, position, "actorId", version, hash
  FROM json_to_recordset($1::json) AS given (hour bigint, position bigint, "actorId" text, version bigint, hash text)`;

export * from "./contacts-sql.ts";
export * from "./parapheur-sql.ts";
