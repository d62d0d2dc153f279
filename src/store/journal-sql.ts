/*
 * The statements of the hot path on SQLite. Lists come as one JSON parameter, so a group of 500 costs one statement
 * a table, whatever its size.
 */

export const receipts = `
  SELECT message_id, actor_id, fingerprint, outcome FROM receipts
  WHERE message_id IN (SELECT value FROM json_each(?))`;

export const waitingParts = `
  SELECT DISTINCT part FROM mailbox WHERE part IN (SELECT value FROM json_each(?))`;

export const mail = `
  SELECT seq, message_id, actor_id, kind, firm_id, fingerprint, payload, attempts FROM mailbox
  WHERE part IN (SELECT value FROM json_each(?)) AND not_before <= ? ORDER BY seq LIMIT ?`;

export const actors = `
  SELECT id, kind, firm_id, version, state, head_hash, created_at, updated_at, wrapped
  FROM actors JOIN actor_keys ON actor_keys.actor_id = actors.id
  WHERE id IN (SELECT value FROM json_each(?))`;

export const insertKeys = `
  INSERT INTO actor_keys (actor_id, wrapped) SELECT value ->> 'id', value ->> 'wrapped' FROM json_each(?)`;

export const insertEvents = `
  INSERT INTO events (actor_id, version, n, message_id, type, data, at, previous_hash, hash)
  SELECT value ->> 'actorId', value ->> 'version', value ->> 'n', value ->> 'messageId', value ->> 'type',
    value ->> 'data', value ->> 'at', value ->> 'previousHash', value ->> 'hash'
  FROM json_each(?)`;

export const upsertActors = `
  INSERT INTO actors (id, kind, firm_id, part, version, status, state, head_hash, created_at, updated_at)
  SELECT value ->> 'id', value ->> 'kind', value ->> 'firmId', value ->> 'part', value ->> 'version',
    value ->> 'status', value ->> 'state', value ->> 'headHash', value ->> 'createdAt', value ->> 'updatedAt'
  FROM json_each(?) WHERE true
  ON CONFLICT (id) DO UPDATE SET version = excluded.version, status = excluded.status, state = excluded.state,
    head_hash = excluded.head_hash, updated_at = excluded.updated_at`;

export const insertEffects = `
  INSERT INTO outbox (id, actor_id, firm_id, kind, payload, status, attempts, due_at)
  SELECT value ->> 'id', value ->> 'actorId', value ->> 'firmId', value ->> 'kind', value ->> 'payload', 'pending',
    0, value ->> 'dueAt'
  FROM json_each(?)`;

export const insertLinks = `
  INSERT INTO links (token_hash, firm_id, collecte_id, person_id, purpose, generation)
  SELECT value ->> 'tokenHash', value ->> 'firmId', value ->> 'collecteId', value ->> 'personId',
    value ->> 'purpose', value ->> 'generation'
  FROM json_each(?)`;

export const upsertTimers = `
  INSERT INTO timers (actor_id, name, generation, due_at)
  SELECT value ->> 'actorId', value ->> 'name', value ->> 'generation', value ->> 'dueAt'
  FROM json_each(?) WHERE true
  ON CONFLICT (actor_id, name) DO UPDATE SET generation = excluded.generation, due_at = excluded.due_at`;

export const clearTimers = `
  DELETE FROM timers WHERE (actor_id, name) IN
    (SELECT value ->> 'actorId', value ->> 'name' FROM json_each(?))`;

export const insertReceipts = `
  INSERT INTO receipts (message_id, actor_id, fingerprint, outcome, at)
  SELECT value ->> 'messageId', value ->> 'actorId', value ->> 'fingerprint', value ->> 'outcome', value ->> 'at'
  FROM json_each(?)`;

export const deleteMail = "DELETE FROM mailbox WHERE seq IN (SELECT value FROM json_each(?))";

export const insertMail = `
  INSERT INTO mailbox (message_id, actor_id, part, kind, firm_id, fingerprint, payload, attempts, not_before,
    accepted_at)
  SELECT value ->> 'id', value ->> 'actorId', value ->> 'part', value ->> 'kind', value ->> 'firmId',
    value ->> 'fingerprint', value ->> 'payload', value ->> 'attempts', value ->> 'notBefore', value ->> 'at'
  FROM json_each(?) WHERE true
  ON CONFLICT (message_id) DO NOTHING`;

export const insertDeadLetters = `
  INSERT INTO dead_letters (message_id, actor_id, kind, firm_id, error, payload, at)
  SELECT value ->> 'id', value ->> 'actorId', value ->> 'kind', value ->> 'firmId', value ->> 'error',
    value ->> 'payload', value ->> 'at'
  FROM json_each(?)`;

export const deleteEffects = "DELETE FROM outbox WHERE id IN (SELECT value FROM json_each(?))";

/** Only the holder of the living lease may give it back. */
export const postponeEffects = `
  UPDATE outbox SET status = 'pending', lease_until = NULL, due_at = given.value ->> 'dueAt',
    last_error = given.value ->> 'error'
  FROM json_each(?) AS given
  WHERE outbox.id = given.value ->> 'id' AND outbox.attempts = given.value ->> 'attempts' AND status = 'leased'`;

export const buryEffects = `
  UPDATE outbox SET status = 'dead', lease_until = NULL, last_error = given.value ->> 'error'
  FROM json_each(?) AS given
  WHERE outbox.id = given.value ->> 'id' AND outbox.attempts = given.value ->> 'attempts' AND status = 'leased'`;

export const releaseLeases = `
  UPDATE outbox SET status = 'pending', lease_until = NULL WHERE status = 'leased' AND lease_until <= ?`;

/**
 * Leases what fits under the limit (?1): of each firm its oldest first, and firm by firm in turn, so that one firm's
 * fifty thousand do not delay another's single one. The firms are found by skipping through the index.
 */
export const claim = `
  WITH RECURSIVE
    free(slots) AS (SELECT max(0, ?1 - (SELECT count(*) FROM outbox WHERE status = 'leased'))),
    firms(firm_id) AS (
      SELECT min(firm_id) FROM outbox WHERE status = 'pending'
      UNION ALL
      SELECT (SELECT min(firm_id) FROM outbox WHERE status = 'pending' AND outbox.firm_id > firms.firm_id)
      FROM firms WHERE firms.firm_id IS NOT NULL
    ),
    due AS (
      SELECT outbox.seq, row_number() OVER (PARTITION BY outbox.firm_id ORDER BY due_at, seq) AS turn
      FROM firms JOIN outbox ON outbox.seq IN (
        SELECT seq FROM outbox AS own
        WHERE own.status = 'pending' AND own.firm_id = firms.firm_id AND own.due_at <= ?2
        ORDER BY due_at, seq LIMIT (SELECT slots FROM free)
      )
    )
  UPDATE outbox SET status = 'leased', lease_until = ?3, attempts = attempts + 1
  WHERE seq IN (SELECT seq FROM due ORDER BY turn, seq LIMIT (SELECT slots FROM free))
  RETURNING id, attempts, kind`;
