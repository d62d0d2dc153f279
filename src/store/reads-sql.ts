import { places } from "./in-one-look.ts";

/* The reads, the same in both dialects: SQLite takes $1 for the name of its first parameter. */

const actorColumns = "id, kind, firm_id, version, state, head_hash, created_at, updated_at, wrapped";

export const one = `
  SELECT ${actorColumns} FROM actors LEFT JOIN actor_keys ON actor_keys.actor_id = actors.id
  WHERE id = $1 AND firm_id = $2 AND kind = $3`;

export const page = `
  SELECT ${actorColumns} FROM actors LEFT JOIN actor_keys ON actor_keys.actor_id = actors.id
  WHERE firm_id = $1 AND kind = 'collecte' AND (created_at, id) < ($2, $3)
  ORDER BY created_at DESC, id DESC LIMIT $4`;

export const pageByStatus = `
  SELECT ${actorColumns} FROM actors LEFT JOIN actor_keys ON actor_keys.actor_id = actors.id
  WHERE firm_id = $1 AND kind = 'collecte' AND status = $2 AND (created_at, id) < ($3, $4)
  ORDER BY created_at DESC, id DESC LIMIT $5`;

/** How many effects are read in one look. */
export const effectsInLook = 16;

/** Effects while they are leased, with their actors. */
export const effects = `
  SELECT outbox.id AS effect_id, outbox.kind AS effect_kind, payload, attempts, faults, doubts, lapses, due_at, lease_until,
    actors.id, actors.kind, actors.firm_id, version, state, head_hash, created_at, updated_at, wrapped
  FROM outbox JOIN actors ON actors.id = outbox.actor_id LEFT JOIN actor_keys ON actor_keys.actor_id = actors.id
  WHERE outbox.id IN (${places(effectsInLook)}) AND outbox.status = 'leased'`;

export const link = "SELECT * FROM links WHERE token_hash = $1";

export const mailWaiting = "SELECT count(*) AS count FROM (SELECT 1 FROM mailbox LIMIT $1) AS counted";

const counted = (status: string) =>
  `(SELECT count(*) FROM (SELECT 1 FROM outbox WHERE status = '${status}' AND kind = $1 LIMIT $2) AS counted)`;

export const effectCounts = `
  SELECT ${counted("pending")} AS waiting, ${counted("leased")} AS leased, ${counted("dead")} AS dead`;

export const dueParts = `
  SELECT DISTINCT part FROM mailbox
  WHERE not_before <= $1 OR (not_before > $2 AND not_before < 9007199254740991)`;

export const eventsOf = "SELECT * FROM events WHERE actor_id = $1 ORDER BY version, n";

export const recordOf = `
  SELECT events.*, head_hash FROM events JOIN actors ON actors.id = events.actor_id
  WHERE actor_id = $1 ORDER BY events.version, n`;

export const dueTimers = `
  SELECT actor_id AS "actorId", kind, firm_id AS "firmId", name, generation, due_at AS "dueAt"
  FROM timers JOIN actors ON actors.id = timers.actor_id
  WHERE due_at <= $1 AND (due_at, actor_id, name) > ($2, $3, $4) ORDER BY due_at, actor_id, name LIMIT $5`;
