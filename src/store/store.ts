import { join } from "node:path";
import type { Transaction } from "sequelize";
import type {
  Blobs,
  Calendar,
  Clock,
  Contacts,
  Documents,
  Firms,
  HeadTrees,
  Journal,
  KeptCertificates,
  Logos,
  MovedClock,
  Owners,
  Parapheurs,
  Reads,
  Records,
  Retention,
  SmsBook,
  TimeWatch,
} from "../actors/runtime/ports.ts";
import type { Secrets } from "../actors/runtime/secrets.ts";
import { createApiKeys, type WritableApiKeys } from "./api-keys.ts";
import { openBlobs } from "./blobs.ts";
import { createCalendar } from "./calendar.ts";
import { createContacts } from "./contacts.ts";
import { createDirectory, createFirms, type WritableDirectory } from "./directory.ts";
import { createDocuments } from "./documents.ts";
import { createHeadTrees } from "./head-trees.ts";
import { createJournal } from "./journal.ts";
import { createKeptCertificates } from "./kept-certificates.ts";
import { createKeyring, type WritableKeyring } from "./keyring.ts";
import { createLogos } from "./logos.ts";
import { createMemberSessions, type WritableMemberSessions } from "./member-sessions.ts";
import { defineModels } from "./models.ts";
import { createMovedClock } from "./moved-clock.ts";
import { createOwners } from "./owners.ts";
import { createParapheurs } from "./parapheurs.ts";
import { createPeople, type People } from "./people.ts";
import { openPostgres } from "./postgres/database.ts";
import { guarded } from "./postgres/failures.ts";
import { createReads } from "./reads.ts";
import { createRecords } from "./records.ts";
import { createRetention } from "./retention.ts";
import { retentionSql } from "./retention-sql.ts";
import { createRevocations, type Revocations } from "./revocations.ts";
import type { BucketPlace } from "./s3/bucket.ts";
import { createSmsBook } from "./sms.ts";
import { openSqlite } from "./sqlite/database.ts";
import { createStuck, type Stuck } from "./stuck.ts";
import { createTimeWatch } from "./time-watch.ts";
import { createVault } from "./vault.ts";

/** A key that was destroyed by another process is in no memory after twice this. */
const keyAgeMs = 3_600_000;

/** What may be added to the quiet tables in one transaction. */
export type Additions = Pick<Store, "directory" | "keyring" | "revocations" | "people" | "memberSessions">;

/** Where documents are, if not in the data folder, and how much of them may be on the disk beside. */
export interface BlobsElsewhere extends BucketPlace {
  cacheBytes: number;
}

/** The memory of the engine: tables in the data folder or on PostgreSQL, documents in the data folder or in a bucket. */
export interface Store {
  readonly kind: "sqlite" | "postgres";
  journal: Journal;
  reads: Reads;
  parapheurs: Parapheurs;
  documents: Documents;
  contacts: Contacts;
  directory: WritableDirectory;
  keyring: WritableKeyring;
  revocations: Revocations;
  people: People;
  firms: Firms;
  logos: Logos;
  keys: WritableApiKeys;
  memberSessions: WritableMemberSessions;
  blobs: Blobs;
  stuck: Stuck;
  calendar: Calendar;
  retention: Retention;
  timeWatch: TimeWatch;
  records: Records;
  heads: HeadTrees;
  keptCertificates: KeptCertificates;
  /** Throws what is wrong with the bucket of the documents: `Terminal` what cannot stay so, or `Retryable`. */
  checkBlobs(): Promise<void>;
  sms: SmsBook;
  owners: Owners;
  movedClock: MovedClock;
  /** Runs `work` in one durable transaction: all that it adds, or nothing. No two run at once, in any process. */
  together<T>(work: (additions: Additions) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * Opens that PostgreSQL, or else `{dataFolder}/collecte.sqlite`; and that bucket, or else `{dataFolder}/blobs`. All
 * but the bucket is made on first use. Several processes may have the same PostgreSQL open; beside an engine on SQLite only short commands.
 */
export async function openStore(
  dataFolder: string,
  secrets: Secrets,
  clock: Clock,
  postgres?: { url: string; lanes?: number },
  elsewhere?: BlobsElsewhere,
): Promise<Store> {
  const kind = postgres ? "postgres" : "sqlite";
  const { blobs, check, close: closeBlobs } = await blobsAt(dataFolder, elsewhere);
  const database = await (postgres
    ? openPostgres(postgres.url, postgres.lanes)
    : openSqlite(join(dataFolder, "collecte.sqlite")));
  const models = defineModels(database.sequelize);
  const vault = createVault(secrets);
  const aging = setInterval(() => vault.age(), keyAgeMs).unref();
  const sql = retentionSql[kind];
  const additions = (transaction: Transaction | null) => ({
    directory: createDirectory(database, models, secrets, clock, transaction),
    keyring: createKeyring(database, models, secrets, clock, transaction),
    revocations: createRevocations(database, transaction),
    people: createPeople(database, transaction),
    memberSessions: createMemberSessions(database, clock, transaction),
  });
  const quiet = additions(null);
  const keys = createApiKeys(database, clock);
  const guard = <T extends object>(target: T) => (kind === "postgres" ? guarded(target) : target);
  return {
    kind,
    journal: createJournal(database, vault, secrets),
    reads: createReads(database, vault),
    documents: createDocuments(database, sql, secrets, clock),
    retention: createRetention(database, sql, vault),
    timeWatch: createTimeWatch(database, sql),
    parapheurs: createParapheurs(database, vault),
    contacts: createContacts(database, secrets, clock),
    directory: guard(quiet.directory),
    keyring: guard(quiet.keyring),
    revocations: guard(quiet.revocations),
    firms: guard(createFirms(database, models, secrets)),
    logos: guard(createLogos(database, models, clock)),
    keys: guard(keys),
    people: guard(quiet.people),
    memberSessions: guard(quiet.memberSessions),
    blobs,
    calendar: createCalendar(database),
    sms: createSmsBook(database),
    owners: createOwners(database),
    records: createRecords(database, secrets),
    heads: createHeadTrees(database),
    keptCertificates: createKeptCertificates(database),
    movedClock: createMovedClock(database),
    stuck: guard(createStuck(database.sequelize)),
    together: (work) => database.together((transaction) => work(additions(transaction))),
    checkBlobs: check,
    async close() {
      clearInterval(aging);
      await keys.flush().catch(() => undefined);
      await closeBlobs();
      await database.close();
    },
  };
}

async function blobsAt(dataFolder: string, elsewhere: BlobsElsewhere | undefined) {
  if (elsewhere === undefined) {
    const blobs = await openBlobs(join(dataFolder, "blobs"));
    return { blobs, check: async () => undefined, close: async () => undefined };
  }
  // The SDK takes a tenth of a second to load: only who uses it waits for it.
  const { openS3Blobs } = await import("./s3/blobs.ts");
  const { cacheBytes, ...place } = elsewhere;
  return openS3Blobs(place, { cacheFolder: join(dataFolder, "cache"), cacheBytes });
}
