import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { type OpenedStore, openTemporaryStore, secretsOfTests } from "./open-store.ts";

/** The same suite on SQLite and on PostgreSQL; `open` makes an empty store. */
export function onEachStore(title: string, suite: (open: () => Promise<OpenedStore>) => void): void {
  describe(title, () => suite(() => openTemporaryStore()));

  describe(`${title}, on PostgreSQL`, function () {
    this.timeout(30_000);
    let postgres: TestPostgres | undefined;
    before(async function () {
      postgres = await startPostgres();
      if (!postgres) this.skip();
    });
    after(() => postgres?.stop());
    suite(async () => openTemporaryStore(secretsOfTests, { url: (await postgres?.database()) ?? "" }));
  });
}
