/*
 * The statements of the hot path on SQLite, one a table for every 256 rows of a group. Keys come as one JSON parameter; rows are
 * bound where the statement says `rows(field, …)`, whose first field is never null.
 */

/** A message that waits in the mailbox is known as well: it was accepted. */
export const receipts = `
  SELECT message_id, actor_id, fingerprint, outcome, at FROM receipts
  WHERE message_id IN (SELECT value FROM json_each(?1))
  UNION ALL
  SELECT message_id, actor_id, fingerprint, '{"status":"accepted"}', accepted_at FROM mailbox
  WHERE message_id IN (SELECT value FROM json_each(?1)) AND message_id NOT IN (SELECT message_id FROM receipts)`;

/**
 * The same for one firm (?1), seen from outside: a message is of the firm of its actor, and a dead letter, whose actor
 * may never have been, of the firm that sent it.
 */
export const firmReceipts = `
  SELECT receipts.message_id, receipts.actor_id, fingerprint, outcome, receipts.at
  FROM receipts LEFT JOIN actors ON actors.id = receipts.actor_id
    LEFT JOIN dead_letters ON dead_letters.message_id = receipts.message_id
  WHERE receipts.message_id IN (SELECT value FROM json_each(?2))
    AND coalesce(dead_letters.firm_id, actors.firm_id) = ?1
  UNION ALL
  SELECT message_id, actor_id, fingerprint, '{"status":"accepted"}', accepted_at FROM mailbox
  WHERE message_id IN (SELECT value FROM json_each(?2)) AND firm_id = ?1
    AND message_id NOT IN (SELECT message_id FROM receipts)`;

export const waitingParts = `
  SELECT DISTINCT part FROM mailbox WHERE part IN (SELECT value FROM json_each(?))`;

export const mail = `
  SELECT seq, message_id, actor_id, kind, firm_id, fingerprint, payload, attempts FROM mailbox
  WHERE part IN (SELECT value FROM json_each(?1))
    AND (not_before <= ?2 OR (not_before > ?3 AND not_before < 9007199254740991))
  ORDER BY seq LIMIT ?4`;

export const actors = `
  SELECT id, kind, firm_id, version, state, head_hash, created_at, updated_at, wrapped
  FROM actors LEFT JOIN actor_keys ON actor_keys.actor_id = actors.id
  WHERE id IN (SELECT value FROM json_each(?))`;

export const insertKeys = `
  INSERT INTO actor_keys (actor_id, wrapped) SELECT id, wrapped FROM rows(id, wrapped)`;

export const insertEvents = `
  INSERT INTO events (actor_id, version, n, message_id, type, data, at, previous_hash, hash)
  SELECT actorId, version, n, messageId, type,
    data, at, previousHash, hash
  FROM rows(actorId, version, n, messageId, type, data, at, previousHash, hash)`;

export const upsertActors = `
  INSERT INTO actors (id, kind, firm_id, part, version, status, state, head_hash, created_at, updated_at)
  SELECT id, kind, firmId, part, version,
    status, state, headHash, createdAt, updatedAt
  FROM rows(id, kind, firmId, part, version, status, state, headHash, createdAt, updatedAt) WHERE true
  ON CONFLICT (id) DO UPDATE SET version = excluded.version, status = excluded.status, state = excluded.state,
    head_hash = excluded.head_hash, updated_at = excluded.updated_at`;

export const insertEffects = `
  INSERT INTO outbox (id, actor_id, firm_id, kind, payload, status, attempts, due_at)
  SELECT id, actorId, firmId, kind, payload, 'pending',
    0, dueAt
  FROM rows(id, actorId, firmId, kind, payload, dueAt)`;

export const insertBlobUses = `
  INSERT INTO blob_uses (sha256, actor_id, document_id)
  SELECT sha256, actorId, documentId FROM rows(sha256, actorId, documentId) WHERE true
  ON CONFLICT (sha256, actor_id, document_id) DO NOTHING`;

/** An evidence file that was made again: the one before is nobody's now. */
export const dropOldEvidence = `
  DELETE FROM blob_uses WHERE document_id = '' AND (actor_id, sha256) IN (
    SELECT blob_uses.actor_id, blob_uses.sha256
    FROM json_each(?) AS given JOIN blob_uses ON blob_uses.actor_id = given.value ->> 'actorId'
    WHERE blob_uses.sha256 <> given.value ->> 'sha256')`;

/** Removed, or being removed. */
export const goneBlobs = `
  SELECT sha256 FROM condemned_blobs WHERE sha256 IN (SELECT value FROM json_each(?))`;

export const insertLinks = `
  INSERT INTO links (token_hash, firm_id, collecte_id, person_id, purpose, generation)
  SELECT tokenHash, firmId, collecteId, personId,
    purpose, generation
  FROM rows(tokenHash, firmId, collecteId, personId, purpose, generation) WHERE true
  ON CONFLICT (token_hash) DO NOTHING`;

export const upsertTimers = `
  INSERT INTO timers (actor_id, name, generation, due_at)
  SELECT actorId, name, generation, dueAt
  FROM rows(actorId, name, generation, dueAt) WHERE true
  ON CONFLICT (actor_id, name) DO UPDATE SET generation = excluded.generation, due_at = excluded.due_at`;

export const clearTimers = `
  DELETE FROM timers WHERE (actor_id, name) IN
    (SELECT value ->> 'actorId', value ->> 'name' FROM json_each(?))`;

export const upsertAwaited = `
  INSERT INTO awaited (actor_id, firm_id, member_id, act, act_key, due_at, document_type, since)
  SELECT actorId, firmId, memberId, act, key, dueAt, documentType, since
  FROM rows(actorId, firmId, memberId, act, key, dueAt, documentType, since) WHERE true
  ON CONFLICT (actor_id, act, act_key) DO UPDATE SET member_id = excluded.member_id, due_at = excluded.due_at,
    document_type = excluded.document_type, since = excluded.since`;

export const deleteAwaited = `
  DELETE FROM awaited WHERE (actor_id, act, act_key) IN
    (SELECT value ->> 'actorId', value ->> 'act', value ->> 'key' FROM json_each(?))`;

export const insertReceipts = `
  INSERT INTO receipts (message_id, actor_id, fingerprint, outcome, at)
  SELECT messageId, actorId, fingerprint, outcome, at
  FROM rows(messageId, actorId, fingerprint, outcome, at)`;

/** Only the receipt that was read: a newer one under the same id is another answer. */
export const forgetReceipts = `
  DELETE FROM receipts WHERE (message_id, at) IN
    (SELECT value ->> 'messageId', value ->> 'at' FROM json_each(?))`;

export const setAside = `
  UPDATE mailbox SET not_before = 9007199254740991 WHERE seq IN (SELECT value FROM json_each(?))`;

export const deleteMail = "DELETE FROM mailbox WHERE seq IN (SELECT value FROM json_each(?))";

export const insertMail = `
  INSERT INTO mailbox (message_id, actor_id, part, kind, firm_id, fingerprint, payload, attempts, not_before,
    accepted_at)
  SELECT id, actorId, part, kind, firmId,
    fingerprint, payload, attempts, notBefore, at
  FROM rows(id, actorId, part, kind, firmId, fingerprint, payload, attempts, notBefore, at) WHERE true
  ON CONFLICT (message_id) DO NOTHING`;

export const insertDeadLetters = `
  INSERT INTO dead_letters (message_id, actor_id, kind, firm_id, error, payload, at)
  SELECT id, actorId, kind, firmId, error,
    payload, at
  FROM rows(id, actorId, kind, firmId, error, payload, at)`;

export const deleteEffects = "DELETE FROM outbox WHERE id IN (SELECT value FROM json_each(?))";

/** Only the holder of the living lease may give it back. */
export const postponeEffects = `
  UPDATE outbox SET status = 'pending', lease_until = NULL, due_at = given.value ->> 'dueAt',
    last_error = given.value ->> 'error', faults = given.value ->> 'faults', doubts = given.value ->> 'doubts',
    lapses = given.value ->> 'lapses'
  FROM json_each(?) AS given
  WHERE outbox.id = given.value ->> 'id' AND outbox.attempts = given.value ->> 'attempts' AND status = 'leased'`;

export const buryEffects = `
  UPDATE outbox SET status = 'dead', lease_until = NULL, last_error = given.value ->> 'error',
    payload = json_remove(payload, '$.sealedCode')
  FROM json_each(?) AS given
  WHERE outbox.id = given.value ->> 'id' AND outbox.attempts = given.value ->> 'attempts' AND status = 'leased'`;

export const returnEffects = `
  UPDATE outbox SET status = 'pending', lease_until = NULL
  FROM json_each(?) AS given
  WHERE outbox.id = given.value ->> 'id' AND outbox.attempts = given.value ->> 'attempts' AND status = 'leased'`;

/** A lease that has run out and that nobody took yet is still the holder's. */
export const renewLeases = `
  UPDATE outbox SET lease_until = given.value ->> 'leaseUntil', begun = 1
  FROM json_each(?) AS given
  WHERE outbox.id = given.value ->> 'id' AND outbox.attempts = given.value ->> 'attempts' AND status = 'leased'`;

export const lapsedLeases = `
  SELECT seq, kind, lapses, begun, lease_until, due_at FROM outbox
  WHERE status = 'leased' AND (lease_until <= ?1 OR lease_until > ?2)
    AND kind IN (SELECT value FROM json_each(?3))`;

export const releaseLeases = `
  UPDATE outbox SET status = 'pending', lease_until = NULL, lapses = given.value ->> 'lapses',
    due_at = given.value ->> 'dueAt'
  FROM json_each(?) AS given
  WHERE outbox.seq = given.value ->> 'seq'`;

/**
 * Finds what may be leased under the limit (?1), and no more than ?5: of each firm its oldest first, and firm by firm in turn. What a firm
 * has in hand already counts as its turns, and ties go to the firms after the one served last (?3): else one firm's
 * fifty thousand would win each slot that falls free before another's single one. The firms are found by skipping
 * through the index, and so is what is due further ahead than any pause lasts (?6).
 */
export const claimable = `
  WITH RECURSIVE
    held AS (SELECT firm_id, count(*) AS turns FROM outbox WHERE status = 'leased' AND kind = ?4 GROUP BY firm_id),
    free(slots) AS (SELECT min(?5, max(0, ?1 - coalesce(sum(turns), 0))) FROM held),
    firms(firm_id) AS (
      SELECT min(firm_id) FROM outbox WHERE status = 'pending' AND kind = ?4
      UNION ALL
      SELECT (SELECT min(firm_id) FROM outbox WHERE status = 'pending' AND kind = ?4 AND outbox.firm_id > firms.firm_id)
      FROM firms WHERE firms.firm_id IS NOT NULL
    ),
    due AS (
      SELECT outbox.seq, outbox.firm_id, coalesce(held.turns, 0)
        + row_number() OVER (PARTITION BY outbox.firm_id ORDER BY outbox.due_at, outbox.seq) AS turn
      FROM firms CROSS JOIN outbox ON outbox.seq IN (
        SELECT seq FROM (SELECT seq FROM outbox AS own
          WHERE own.status = 'pending' AND own.kind = ?4 AND own.firm_id = firms.firm_id AND own.due_at <= ?2
          ORDER BY own.due_at, own.seq LIMIT (SELECT slots FROM free))
        UNION ALL
        SELECT seq FROM (SELECT seq FROM outbox AS own
          WHERE own.status = 'pending' AND own.kind = ?4 AND own.firm_id = firms.firm_id AND own.due_at > ?6
          ORDER BY own.due_at, own.seq LIMIT (SELECT slots FROM free))
      )
      LEFT JOIN held ON held.firm_id = firms.firm_id
    )
  SELECT seq, firm_id FROM due ORDER BY turn, firm_id <= ?3, firm_id LIMIT (SELECT slots FROM free)`;

export const lease = `
  UPDATE outbox SET status = 'leased', lease_until = ?2, attempts = attempts + 1, begun = 0
  WHERE seq IN (SELECT value FROM json_each(?1))
  RETURNING id, attempts, kind`;

export const buckets = `
  SELECT kind, thousandths, refilled_at, day, day_count FROM buckets
  WHERE kind IN (SELECT value FROM json_each(?))`;

export const keepBuckets = `
  INSERT INTO buckets (kind, thousandths, refilled_at, day, day_count)
  SELECT value ->> 'kind', value ->> 'thousandths', value ->> 'refilledAt', value ->> 'day', value ->> 'dayCount'
  FROM json_each(?) WHERE true
  ON CONFLICT (kind) DO UPDATE SET thousandths = excluded.thousandths, refilled_at = excluded.refilled_at,
    day = excluded.day, day_count = excluded.day_count`;

export const insertDocuments = `
  INSERT INTO documents (id, firm_id, name, sha256, bytes, pages, repaired_from, neutralised, created_at)
  SELECT value ->> 'id', value ->> 'firmId', value ->> 'name', value ->> 'sha256', value ->> 'bytes',
    value ->> 'pages', value ->> 'repairedFrom', value ->> 'neutralised', value ->> 'createdAt'
  FROM json_each(?) WHERE true ON CONFLICT (id) DO NOTHING`;

export const documents = `
  SELECT id, name, sha256, bytes, pages, repaired_from AS "repairedFrom", neutralised FROM documents
  WHERE firm_id = ? AND id IN (SELECT value FROM json_each(?))`;

export const insertLeaves = `
  INSERT INTO merkle_leaves (hour, position, actor_id, version, head_hash)
  SELECT hour, position, actorId, version, hash FROM rows(hour, position, actorId, version, hash)`;

export * from "./contacts-sql.ts";
export * from "./parapheur-sql.ts";
