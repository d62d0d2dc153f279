import { rm } from "node:fs/promises";
import { createSecrets, type Secrets } from "../../src/actors/runtime/secrets.ts";
import type { Database } from "../../src/store/database.ts";
import { openPostgres } from "../../src/store/postgres/database.ts";
import { openSqlite } from "../../src/store/sqlite/database.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { stoppedClock, type TestClock } from "../support/clock.ts";
import { temporaryFolder } from "../support/folders.ts";

export const secretsOfTests = createSecrets(Buffer.alloc(32, "a secret of tests"));

export interface OpenedStore {
  store: Store;
  folder: string;
  file: string;
  clock: TestClock;
  secrets: Secrets;
  /** Opens the same store once more, as another process would. */
  another(secrets?: Secrets): Promise<Store>;
  /** Runs `work` on its database, as another process would. */
  beside<T>(work: (database: Database) => Promise<T>): Promise<T>;
  /** Closes it and removes the folder. */
  close(): Promise<void>;
}

/** A store of its own in a temporary folder, on a stopped clock. */
export async function openTemporaryStore(
  secrets = secretsOfTests,
  postgres?: { url: string; lanes?: number },
): Promise<OpenedStore> {
  const folder = await temporaryFolder();
  const file = `${folder}/collecte.sqlite`;
  const clock = stoppedClock();
  const store = await openStore(folder, secrets, clock, postgres);
  return {
    store,
    folder,
    file,
    clock,
    secrets,
    another: (theirs = secrets) => openStore(folder, theirs, clock, postgres),
    async beside(work) {
      const database = await (postgres ? openPostgres(postgres.url) : openSqlite(file));
      try {
        return await work(database);
      } finally {
        await database.close();
      }
    },
    async close() {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
}
