import { join } from "node:path";
import type { Blobs, Clock, Documents, Journal, Reads } from "../actors/runtime/ports.ts";
import type { Secrets } from "../actors/runtime/secrets.ts";
import { openBlobs } from "./blobs.ts";
import { createDirectory, type WritableDirectory } from "./directory.ts";
import { createDocuments } from "./documents.ts";
import { createJournal } from "./journal.ts";
import { createKeyring, type WritableKeyring } from "./keyring.ts";
import { defineModels } from "./models.ts";
import { openPostgres } from "./postgres/database.ts";
import { guarded } from "./postgres/failures.ts";
import { createReads } from "./reads.ts";
import { openSqlite } from "./sqlite/database.ts";
import { createVault } from "./vault.ts";

/** The memory of the engine: tables in the data folder or on PostgreSQL, documents in the data folder. */
export interface Store {
  readonly kind: "sqlite" | "postgres";
  journal: Journal;
  reads: Reads;
  documents: Documents;
  directory: WritableDirectory;
  keyring: WritableKeyring;
  blobs: Blobs;
  close(): Promise<void>;
}

/**
 * Opens that PostgreSQL, or else `{dataFolder}/collecte.sqlite`; and `{dataFolder}/blobs`. All is made on
 * first use. Several processes may have the same store open.
 */
export async function openStore(
  dataFolder: string,
  secrets: Secrets,
  clock: Clock,
  postgres?: { url: string; lanes?: number },
): Promise<Store> {
  const kind = postgres ? "postgres" : "sqlite";
  const blobs = await openBlobs(join(dataFolder, "blobs"));
  const database = await (postgres
    ? openPostgres(postgres.url, postgres.lanes)
    : openSqlite(join(dataFolder, "collecte.sqlite")));
  const models = defineModels(database.sequelize);
  const vault = createVault(secrets);
  const quiet = {
    documents: createDocuments(database, models, secrets, clock),
    directory: createDirectory(models, clock),
    keyring: createKeyring(models, secrets, clock),
  };
  const guard = <T extends object>(target: T) => (kind === "postgres" ? guarded(target) : target);
  return {
    kind,
    journal: createJournal(database, vault, secrets),
    reads: createReads(database, vault),
    documents: guard(quiet.documents),
    directory: guard(quiet.directory),
    keyring: guard(quiet.keyring),
    blobs,
    close: () => database.close(),
  };
}
