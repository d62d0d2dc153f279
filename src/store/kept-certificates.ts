import type { KeptCertificates } from "../actors/runtime/ports.ts";
import type { Database } from "./database.ts";

/* The same in both dialects. The row goes with the key, see `retention-sql.ts`. */
const keep = "INSERT INTO kept_certificates (actor_id, sealed) VALUES ($1, $2) ON CONFLICT DO NOTHING";
const read = "SELECT sealed FROM kept_certificates WHERE actor_id = $1";

/** Rows of ciphertext in a table of their own, written on the lane beside the journal's. */
export function createKeptCertificates({
  reader,
  transaction,
  lanes,
}: Pick<Database, "reader" | "transaction" | "lanes">): KeptCertificates {
  return {
    keep: (actorId, sealed) =>
      transaction((writer) => writer.run(keep, actorId, Buffer.from(sealed).toString("base64")), lanes),
    async of(actorId) {
      const [row] = await reader.all<{ sealed: string }>(read, actorId);
      return row && Buffer.from(row.sealed, "base64");
    },
  };
}
