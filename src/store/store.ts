import { join } from "node:path";
import { Transaction } from "sequelize";
import type { Blobs, Clock, Documents, Journal, Reads } from "../actors/runtime/ports.ts";
import type { Secrets } from "../actors/runtime/secrets.ts";
import { openBlobs } from "./blobs.ts";
import { openSqlite } from "./database.ts";
import { createDirectory, type WritableDirectory } from "./directory.ts";
import { createDocuments } from "./documents.ts";
import { createSqliteJournal } from "./journal.ts";
import { createKeyring, type WritableKeyring } from "./keyring.ts";
import { defineModels } from "./models.ts";
import { createSqliteReads } from "./reads.ts";
import { createStuck, type Stuck } from "./stuck.ts";
import { createVault } from "./vault.ts";

/** The memory of the engine, all of it in one data folder. */
export interface Store {
  readonly kind: "sqlite";
  journal: Journal;
  reads: Reads;
  documents: Documents;
  directory: WritableDirectory;
  keyring: WritableKeyring;
  blobs: Blobs;
  stuck: Stuck;
  /** Runs `work` in one durable transaction: all that it adds, or nothing. No two run at once, in any process. */
  together<T>(work: (additions: Pick<Store, "directory" | "keyring">) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Opens `{dataFolder}/collecte.sqlite` and `{dataFolder}/blobs`, made on first use. */
export async function openStore(dataFolder: string, secrets: Secrets, clock: Clock): Promise<Store> {
  const database = await openSqlite(join(dataFolder, "collecte.sqlite"));
  const models = defineModels(database.sequelize);
  const vault = createVault(secrets);
  return {
    kind: "sqlite",
    journal: createSqliteJournal(database, vault, secrets),
    reads: createSqliteReads(database, vault),
    documents: createDocuments(database, secrets, clock),
    directory: createDirectory(database, models, clock),
    keyring: createKeyring(database, models, secrets, clock),
    blobs: await openBlobs(join(dataFolder, "blobs")),
    stuck: createStuck(database.sequelize),
    together: (work) =>
      database.sequelize.transaction({ type: Transaction.TYPES.IMMEDIATE }, (transaction) =>
        work({
          directory: createDirectory(database, models, clock, transaction),
          keyring: createKeyring(database, models, secrets, clock, transaction),
        }),
      ),
    close: () => database.close(),
  };
}
