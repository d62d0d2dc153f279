import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { noChanges } from "../../../src/actors/runtime/drain.ts";
import { Retryable } from "../../../src/actors/runtime/errors.ts";
import type { Message } from "../../../src/actors/runtime/ports.ts";
import { creation, noCollecte } from "../../support/collecte-builder.ts";
import { startPostgres, type TestPostgres } from "../../support/postgres.ts";
import { thrownBy } from "../../support/thrown.ts";
import { moved, write } from "../changes.ts";
import { collecteCommitter, decided } from "../lives.ts";
import { type OpenedStore, openTemporaryStore, secretsOfTests } from "../open-store.ts";

const { turns } = noCollecte().told(creation()).launched();

describe("a PostgreSQL that goes away", function () {
  this.timeout(60_000);
  let postgres: TestPostgres;
  let url: string;
  let opened: OpenedStore;
  before(async function () {
    const started = await startPostgres();
    if (!started) return this.skip();
    postgres = started;
  });
  beforeEach(async () => {
    url = await postgres.database();
    opened = await openTemporaryStore(secretsOfTests, { url, lanes: 2 });
  });
  afterEach(() => opened.close());
  after(() => postgres?.stop());

  const messages = (actorId: string): Message[] =>
    turns.map(({ command }, n) => ({
      id: `${actorId}:${n}`,
      actorId,
      kind: "collecte",
      firmId: "firm",
      command,
    }));

  it("loses nothing that was acknowledged, and does nothing twice, when it is stopped at once three times", async () => {
    const { store, clock } = opened;
    const committer = collecteCommitter(store.journal, clock);
    const told = new Map<string, number>();
    const failures: unknown[] = [];
    let living = true;
    const callers = Array.from({ length: 16 }, async (_, caller) => {
      for (let i = 0; living; i++) {
        const actorId = `col-${caller}-${i}`;
        for (const message of messages(actorId)) {
          // What the caller was not told it sends again with the same id.
          for (;;) {
            const outcome = await decided(committer, message).catch((error: unknown) => error);
            if (outcome instanceof Error) {
              failures.push(outcome);
              await sleep(20);
              continue;
            }
            expect(outcome).to.have.property("status", "done");
            told.set(actorId, (outcome as { version: number }).version);
            break;
          }
        }
      }
    });
    for (let stop = 0; stop < 3; stop++) {
      await sleep(400);
      const before = told.size;
      await postgres.stopImmediately();
      await sleep(100);
      await postgres.restart();
      while (told.size < before + 20) await sleep(10);
    }
    living = false;
    await Promise.all(callers);
    await committer.stop();
    expect(failures.length).to.be.above(2);
    for (const failure of failures)
      expect(failure).to.include({ name: "Retryable", code: "store_unavailable" });
    expect(told.size).to.be.above(60);
    for (const [actorId, version] of told) {
      expect(await store.reads.collecte("firm", actorId)).to.have.property("version", version);
      expect(await store.reads.recordIsWhole(actorId)).to.equal(true);
    }
  });

  it("fails every room of the store in the same words while it is away, and none afterwards", async () => {
    const { store, clock } = opened;
    const committer = collecteCommitter(store.journal, clock);
    const [message] = messages("col-1");
    const aDocument = { id: "d", firmId: "firm", sha256: "a".repeat(64), bytes: 1, pages: 1 };
    const rooms = (): Promise<unknown>[] => [
      committer.accept(message ?? expect.fail()),
      store.reads.collecte("firm", "col-1"),
      store.reads.dueParts(0),
      store.directory.members("firm"),
      store.directory.apiKey("0".repeat(64)),
      store.keyring.find("nobody"),
      store.documents.find("firm", ["d"]),
      store.documents.add(aDocument),
      store.stuck.causes(),
      store.together(({ keyring }) => keyring.find("nobody")),
      store.together(async () => "nothing"),
    ];
    await Promise.all(rooms());
    await postgres.stopImmediately();
    for (let twice = 0; twice < 2; twice++) {
      const failures = await Promise.all(rooms().map(thrownBy));
      for (const [i, thrown] of failures.entries()) {
        expect(thrown, `room ${i}`).to.be.instanceOf(Retryable).with.property("code", "store_unavailable");
        expect((thrown as Error).message).not.to.contain("password");
      }
    }
    await postgres.restart();
    await Promise.all(rooms());
    await committer.stop();
    expect(await store.reads.collecte("firm", "col-1")).to.have.property("version", 1);
  });

  it("fails one transaction and no later one when the server ends its connection", async () => {
    const { journal } = opened.store;
    const ended = journal.transaction(async (tx) => {
      await tx.hold([1]);
      await postgres.query(
        url,
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()",
      );
      return tx.actors(["col-1"]);
    });
    expect(await thrownBy(ended)).to.have.property("code", "store_unavailable");
    expect([...(await journal.transaction((tx) => tx.hold([1])))]).to.deep.equal([1]);
  });

  it("ends a transaction that stands still, and its part is anybody's again", async () => {
    const impatient = `${url}?idle_in_transaction_session_timeout=200`;
    const paused = await openTemporaryStore(secretsOfTests, { url: impatient });
    const { journal } = paused.store;
    const late = journal.transaction(async (tx) => {
      await tx.hold([1]);
      await sleep(2_000);
      await tx.write({ ...noChanges(), ...moved({ id: "col-1" }) });
    });
    const ended = thrownBy(late);
    await sleep(1_200);
    expect([...(await opened.store.journal.transaction((tx) => tx.hold([1])))]).to.deep.equal([1]);
    expect(await ended).to.have.property("code", "store_unavailable");
    expect(await opened.store.reads.collecte("firm-a", "col-1")).to.equal(undefined);
    await write(journal, moved({ id: "col-1" }));
    await paused.close();
  });
});
