import { startPostgres, type TestPostgres } from "../../support/postgres.ts";
import { describeJournal } from "../journal-contract.ts";
import { openTemporaryStore, secretsOfTests } from "../open-store.ts";

describe("on PostgreSQL", function () {
  this.timeout(20_000);
  let postgres: TestPostgres | undefined;
  before(async function () {
    postgres = await startPostgres();
    if (!postgres) this.skip();
  });
  after(() => postgres?.stop());

  describeJournal("the journal", async () => {
    const url = (await postgres?.database()) ?? "";
    const { store, secrets, close } = await openTemporaryStore(secretsOfTests, { url });
    const { journal, reads, parapheurs, calendar } = store;
    return { journal, reads, parapheurs, calendar, secrets, close };
  });
});
