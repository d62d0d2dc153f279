/*
 * The statements of retention in both dialects; SQLite counts its parameters in the order in which they first stand in
 * the text. `list(n)` is a table `given (one)` of the texts of a JSON list.
 */

export type RetentionSql = ReturnType<typeof statementsWith>;

export const retentionSql = {
  sqlite: statementsWith((n) => `(SELECT value AS one FROM json_each($${n})) AS given`),
  postgres: statementsWith((n) => `(SELECT json_array_elements_text($${n}::json) AS one) AS given`),
};

function statementsWith(list: (n: number) => string) {
  const among = (n: number) => `(SELECT one FROM ${list(n)})`;
  const isUsed = "EXISTS (SELECT 1 FROM blob_uses WHERE blob_uses.sha256 = one)";
  const isUploaded = "EXISTS (SELECT 1 FROM documents WHERE documents.sha256 = one)";
  // Not in a form that an index serves: the one by document has the evidence files of all collectes under this value.
  const isEvidence = "document_id || '' = ''";
  const unused = "NOT EXISTS (SELECT 1 FROM blob_uses WHERE blob_uses.document_id = documents.id)";
  return {
    dropDocumentUses: "DELETE FROM blob_uses WHERE actor_id = $1 AND document_id <> ''",
    dropEvidenceUses: `DELETE FROM blob_uses WHERE actor_id = $1 AND ${isEvidence}`,
    dropUploads: `DELETE FROM documents WHERE firm_id = $1 AND id IN ${among(2)} AND ${unused}`,
    dropStaleUploads: `DELETE FROM documents WHERE id IN ${among(1)} AND ${unused}`,
    needed: `SELECT one FROM ${list(1)} WHERE ${isUsed} OR ${isUploaded}`,
    /** Until further ahead than any removal may take: written before the clock was set back. */
    inHand: `
      SELECT sha256 FROM condemned_blobs
      WHERE sha256 IN ${among(1)} AND gone_at IS NULL AND until > $2 AND until <= $3`,
    condemn: `
      INSERT INTO condemned_blobs (until, sha256) SELECT CAST($1 AS BIGINT), one FROM ${list(2)} WHERE true
      ON CONFLICT (sha256) DO UPDATE SET until = excluded.until, gone_at = NULL`,
    gone: `UPDATE condemned_blobs SET gone_at = $1 WHERE sha256 IN ${among(2)}`,
    condemned: `SELECT sha256, gone_at AS "goneAt" FROM condemned_blobs WHERE sha256 IN ${among(1)}`,
    pardon: `DELETE FROM condemned_blobs WHERE gone_at IS NOT NULL AND sha256 IN ${among(1)}`,
    named: `
      SELECT one FROM ${list(1)} WHERE ${isUsed} OR ${isUploaded}
        OR EXISTS (SELECT 1 FROM condemned_blobs WHERE condemned_blobs.sha256 = one AND gone_at IS NULL)`,
    evidence: `SELECT sha256 FROM blob_uses WHERE actor_id = $1 AND ${isEvidence}`,
    staleUploads: `
      SELECT id, firm_id AS "firmId", sha256 FROM documents WHERE created_at < $1 AND ${unused}
      ORDER BY created_at LIMIT $2`,
    leftovers:
      "SELECT sha256 FROM condemned_blobs WHERE gone_at IS NULL AND (until <= $1 OR until > $2) LIMIT 500",
    forgetGone: "DELETE FROM condemned_blobs WHERE gone_at < $1",
    dropLinks: "DELETE FROM links WHERE collecte_id = $1",
    /** The ids of an actor's effects begin with its own and a full stop, which is followed by a slash. */
    dropDeadEffects: "DELETE FROM outbox WHERE id > $1 AND id < $2 AND actor_id = $3 AND status = 'dead'",
    dropDeadLetters: "DELETE FROM dead_letters WHERE actor_id = $1",
    dropUnreadableMail: `
      DELETE FROM mailbox WHERE part = $1 AND actor_id = $2 AND not_before = 9007199254740991`,
    dropCertificates: "DELETE FROM kept_certificates WHERE actor_id = $1",
    dropKey: "DELETE FROM actor_keys WHERE actor_id = $1",
    /** By their ids, since no index by age is worth its price on the hot path; a backtick follows the low line. */
    oldSessions: `
      SELECT id FROM actors JOIN actor_keys ON actor_keys.actor_id = actors.id
      WHERE id > 'pph_' AND id < 'pph\`' AND kind = 'parapheur' AND updated_at < $1 LIMIT $2`,
    dropKeys: `DELETE FROM actor_keys WHERE actor_id IN ${among(1)}`,
    dropContactAnswers: "DELETE FROM contact_requests WHERE at < $1",
    receiptsAfter:
      "SELECT message_id AS id, at FROM receipts WHERE message_id > $1 ORDER BY message_id LIMIT $2",
    dropReceipts: `DELETE FROM receipts WHERE at < $1 AND message_id IN ${among(2)}`,
    watched: `
      INSERT INTO time_watch (id, seen_at) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET id = 1
      RETURNING seen_at AS "seenAt", held_since AS "heldSince", leap_ms AS "leapMs"`,
    watch: `SELECT seen_at AS "seenAt", held_since AS "heldSince", leap_ms AS "leapMs" FROM time_watch WHERE id = 1`,
    keepWatch: "UPDATE time_watch SET seen_at = $1, held_since = $2, leap_ms = $3 WHERE id = 1",
  };
}
