/** For a firm (?1) and a member (?2): of all types (?4, ?6: 1 or 0) or of those listed (?5, ?7), to sign and to seal. */
const awaitedOf = `
  firm_id = ?1 AND member_id = ?2 AND due_at > ?3
  AND ((act = 'sign' AND (?4 = 1 OR document_type IN (SELECT value FROM json_each(?5))))
    OR (act = 'seal' AND (?6 = 1 OR document_type IN (SELECT value FROM json_each(?7)))))`;

export const awaitedPage = `
  SELECT actor_id AS "collecteId", member_id AS "memberId", act, act_key AS "key", due_at AS "dueAt",
    document_type AS "documentType", since
  FROM awaited WHERE ${awaitedOf} AND (due_at, actor_id, act, act_key) > (?8, ?9, ?10, ?11)
  ORDER BY due_at, actor_id, act, act_key LIMIT ?12`;

export const awaitedCounts = `SELECT act, count(*) AS count FROM awaited WHERE ${awaitedOf} GROUP BY act`;

/** Collectes of one firm (?1). By their ids: a plus before a column keeps SQLite off the index of all that the firm ever had. */
export const firmCollectes = `
  SELECT id, kind, firm_id, version, state, head_hash, created_at, updated_at, wrapped
  FROM actors JOIN actor_keys ON actor_keys.actor_id = actors.id
  WHERE id IN (SELECT value FROM json_each(?2)) AND +firm_id = ?1 AND kind = 'collecte'`;
