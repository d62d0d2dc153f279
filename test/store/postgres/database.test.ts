import { rm } from "node:fs/promises";
import { expect } from "chai";
import { saidOf } from "../../../src/cli/fault.ts";
import { ensureAuthority } from "../../../src/identity/enrolment.ts";
import { migrate } from "../../../src/store/migrations/migrate.ts";
import { defineModels } from "../../../src/store/models.ts";
import { openPostgres } from "../../../src/store/postgres/database.ts";
import { openStore } from "../../../src/store/store.ts";
import { stoppedClock } from "../../support/clock.ts";
import { temporaryFolder } from "../../support/folders.ts";
import { startPostgres, type TestPostgres } from "../../support/postgres.ts";
import { thrownBy } from "../../support/thrown.ts";
import { expectNoCanary, liveWithCanaries } from "../canaries.ts";
import { openTemporaryStore, secretsOfTests } from "../open-store.ts";

describe("the PostgreSQL database", function () {
  this.timeout(30_000);
  let postgres: TestPostgres;
  let url: string;
  before(async function () {
    const started = await startPostgres();
    if (!started) return this.skip();
    postgres = started;
  });
  beforeEach(async () => {
    url = await postgres.database();
  });
  after(() => postgres?.stop());

  it("syncs at every commit, in every lane", async () => {
    const database = await openPostgres(url, 3);
    for (const lane of [0, 1, 2, 3]) {
      const settings =
        "SELECT current_setting('synchronous_commit') AS commit, current_setting('fsync') AS fsync";
      const rows = await database.transaction((writer) => writer.all(settings), lane);
      expect(rows).to.deep.equal([{ commit: "on", fsync: "on" }]);
    }
    await database.close();
  });

  it("is refused where an acknowledged commit could be lost", async () => {
    await postgres.query(url, `ALTER DATABASE ${nameIn(url)} SET synchronous_commit = off`);
    expect(await messageOf(openPostgres(url))).to.match(/^DATABASE_URL: synchronous_commit is off/);
  });

  it("is refused by a lane that is told so later", async () => {
    const database = await openPostgres(url);
    await postgres.query(url, `ALTER DATABASE ${nameIn(url)} SET synchronous_commit = local`);
    expect(await messageOf(database.transaction((writer) => writer.all("SELECT 1")))).to.contain("is local");
    await database.close();
  });

  it("says what is wrong at the start in words, and never the password", async () => {
    const at = (change: (given: URL) => void) => {
      const changed = new URL(url);
      change(changed);
      return changed.href;
    };
    const faults = {
      "does not answer \\(ECONNREFUSED\\)": at((given) => {
        given.port = "1";
      }),
      "it refuses the password": at((given) => {
        given.password = "hush";
      }),
      "there is no such database": at((given) => {
        given.pathname = "/nowhere";
      }),
      "does not answer \\(ENOTFOUND|EAI_AGAIN\\)": at((given) => {
        given.hostname = "nowhere.invalid";
      }),
    };
    for (const [words, wrong] of Object.entries(faults)) {
      const thrown = await thrownBy(openPostgres(wrong));
      expect(thrown, words).to.include({ code: "store_refused", mend: true });
      const { message } = thrown as Error;
      expect(message).to.match(new RegExp(`^DATABASE_URL: .*(?:${words})`));
      expect(message).not.to.match(/hush|password%20of|password of/);
    }
  });

  it("migrates once, whoever comes first", async () => {
    const databases = await Promise.all([1, 2, 3, 4].map(() => openPostgres(url)));
    const [first] = databases;
    if (!first) return expect.fail();
    const names = () => first.reader.all("SELECT name FROM migrations ORDER BY name");
    const before = await names();
    expect(before.length).to.be.above(1);
    await migrate(first.sequelize, "postgres");
    expect(await names()).to.deep.equal(before);
    await Promise.all(databases.map((database) => database.close()));
  });

  it("leaves the old schema when a migration fails midway", async () => {
    await postgres.query(url, "CREATE TABLE timers (odd TEXT)");
    expect(await thrownBy(openPostgres(url))).to.be.instanceOf(Error);
    const tables = await postgres.query(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
    expect(tables).to.deep.equal([{ tablename: "timers" }]);
  });

  it("gives instants back as numbers, by Sequelize too", async () => {
    const database = await openPostgres(url);
    const { Firm } = defineModels(database.sequelize);
    const createdAt = Date.UTC(2026, 10, 30, 9);
    await Firm.create({
      id: "firm-1",
      name: "Cabinet",
      email: "c@cabinet.example",
      country: "FR",
      createdAt,
    });
    expect(await Firm.findByPk("firm-1", { raw: true })).to.include({ createdAt });
    expect((await Firm.findByPk("firm-1"))?.createdAt).to.equal(createdAt);
    await database.close();
  });

  it("commits nothing when a statement failed that the work did not mind", async () => {
    const database = await openPostgres(url);
    const careless = database.transaction(async (writer) => {
      await writer.run("INSERT INTO timers VALUES ('col-1', 'expiry', 1, 5)");
      await writer.run("INSERT INTO nowhere VALUES (1)").catch(() => undefined);
    });
    expect(await messageOf(careless)).to.contain("rolled back");
    expect(await database.reader.all("SELECT * FROM timers")).to.deep.equal([]);
    await database.transaction((writer) => writer.run("INSERT INTO timers VALUES ('col-1', 'expiry', 1, 5)"));
    expect(await database.reader.all("SELECT due_at FROM timers")).to.deep.equal([{ due_at: 5 }]);
    await database.close();
  });

  it("gets one authority from many engines that start at once, and none under another secret", async () => {
    const folder = await temporaryFolder();
    const clock = stoppedClock();
    const stores = await Promise.all([1, 2, 3].map(() => openStore(folder, secretsOfTests, clock, { url })));
    await Promise.all(stores.map((store) => ensureAuthority(store, clock, "test")));
    const ids = await Promise.all(
      stores.map(async ({ keyring }) => (await keyring.issuingAuthority()).keyId),
    );
    expect(new Set(ids).size).to.equal(1);
    await Promise.all(stores.map((store) => store.close()));
    const { createSecrets } = await import("../../../src/actors/runtime/secrets.ts");
    const other = await openStore(folder, createSecrets(Buffer.alloc(32, "another")), clock, { url });
    expect(saidOf(await thrownBy(ensureAuthority(other, clock, "test")))).to.contain("another secret");
    await other.close();
    await rm(folder, { recursive: true });
  });

  it("tells nothing about people, in all that pg_dump writes", async () => {
    const opened = await openTemporaryStore(secretsOfTests, { url });
    await liveWithCanaries(opened.store.journal, opened.clock);
    await opened.close();
    const dumped = postgres.dump(url);
    expect(dumped.includes("CollecteRefused"), "the events were dumped").to.equal(true);
    expect(dumped.includes("unknown-kind"), "the mailbox was dumped").to.equal(true);
    expectNoCanary(dumped);
  });
});

const nameIn = (url: string) => new URL(url).pathname.slice(1);

async function messageOf(work: Promise<unknown>): Promise<string> {
  const thrown = await thrownBy(work);
  return thrown instanceof Error ? thrown.message : expect.fail("nothing was thrown");
}
