import { Retryable } from "../actors/runtime/errors.ts";
import type { Clock, Documents, StoredDocument } from "../actors/runtime/ports.ts";
import type { Secrets } from "../actors/runtime/secrets.ts";
import type { Connection, Database } from "./database.ts";
import type { RetentionSql } from "./retention-sql.ts";

interface DocumentColumns {
  id: string;
  name: string | null;
  sha256: string;
  bytes: number;
  pages: number;
  repairedFrom: string | null;
  neutralised: number;
}

/** Uploaded documents. Uploads that end while a transaction runs share the next one. */
export function createDocuments(
  database: Pick<Database, "sql" | "reader" | "lanes" | "transaction" | "holdBlobs">,
  { condemned, pardon }: Pick<RetentionSql, "condemned" | "pardon">,
  secrets: Secrets,
  clock: Clock,
): Documents {
  let waiting: StoredDocument[] = [];
  let next: Promise<Set<string>> | undefined;

  /** A file name often tells of whom it is. */
  const hidden = ({ name }: StoredDocument) =>
    name === undefined ? {} : { name: secrets.wrap(Buffer.from(name)).toString("base64") };
  const shown = (name: string) => secrets.unwrap(Buffer.from(name, "base64")).toString();

  function take(): StoredDocument[] {
    const group = waiting;
    waiting = [];
    next = undefined;
    return group;
  }

  /** Answers which blobs are being removed just now: what was uploaded with these bytes is not kept. */
  async function flush(): Promise<Set<string>> {
    let begun = false;
    try {
      return await database.transaction(async (writer) => {
        begun = true;
        const group = take();
        const leaving = await leavingOf(writer, group);
        const staying = group.filter(({ sha256 }) => !leaving.has(sha256));
        const rows = staying.map((document) => ({
          ...document,
          ...hidden(document),
          neutralised: document.neutralised === true ? 1 : 0,
          createdAt: clock.now(),
        }));
        await writer.run(database.sql.insertDocuments, JSON.stringify(rows));
        return leaving;
      }, database.lanes);
    } finally {
      // A transaction that could not begin must not leave its failure to those who come later.
      if (!begun) take();
    }
  }

  async function leavingOf(writer: Connection, group: StoredDocument[]): Promise<Set<string>> {
    await database.holdBlobs(writer, "shared");
    const wanted = JSON.stringify([...new Set(group.map(({ sha256 }) => sha256))]);
    const rows = await writer.all<{ sha256: string; goneAt: number | null }>(condemned, wanted);
    // They were uploaded anew since they were removed.
    const back = rows.filter(({ goneAt }) => goneAt !== null).map(({ sha256 }) => sha256);
    if (back.length > 0) await writer.run(pardon, JSON.stringify(back));
    return new Set(rows.filter(({ goneAt }) => goneAt === null).map(({ sha256 }) => sha256));
  }

  return {
    async add(document) {
      waiting.push(document);
      next ??= flush();
      if ((await next).has(document.sha256)) throw new Retryable("document_leaving", { retryAfterMs: 1_000 });
    },
    async find(firmId, ids) {
      const wanted = JSON.stringify([...new Set(ids)]);
      const rows = await database.reader.all<DocumentColumns>(database.sql.documents, firmId, wanted);
      const byId = new Map(rows.map((row) => [row.id, row]));
      return ids.flatMap((id) => {
        const row = byId.get(id);
        if (!row) return [];
        const { sha256, bytes, pages, name, repairedFrom, neutralised } = row;
        const found: StoredDocument = { id, firmId, sha256, bytes, pages };
        if (name !== null) found.name = shown(name);
        if (repairedFrom !== null) found.repairedFrom = repairedFrom;
        if (Number(neutralised) === 1) found.neutralised = true;
        return [found];
      });
    },
  };
}
