import type { Clock, Documents, StoredDocument } from "../actors/runtime/ports.ts";
import type { Secrets } from "../actors/runtime/secrets.ts";
import type { Database } from "./database.ts";

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
  database: Pick<Database, "sql" | "reader" | "lanes" | "transaction">,
  secrets: Secrets,
  clock: Clock,
): Documents {
  let waiting: StoredDocument[] = [];
  let next: Promise<void> | undefined;

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

  async function flush(): Promise<void> {
    let begun = false;
    try {
      await database.transaction(async (writer) => {
        begun = true;
        const rows = take().map((document) => ({
          ...document,
          ...hidden(document),
          neutralised: document.neutralised === true ? 1 : 0,
          createdAt: clock.now(),
        }));
        await writer.run(database.sql.insertDocuments, JSON.stringify(rows));
      }, database.lanes);
    } finally {
      // A transaction that could not begin must not leave its failure to those who come later.
      if (!begun) take();
    }
  }

  return {
    add(document) {
      waiting.push(document);
      next ??= flush();
      return next;
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
