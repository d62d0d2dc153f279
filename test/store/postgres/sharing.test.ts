import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { claimDue } from "../../../src/actors/runtime/claiming.ts";
import { partOf } from "../../../src/actors/runtime/parts.ts";
import type { JournalTransaction, Message, Outcome } from "../../../src/actors/runtime/ports.ts";
import { openStore, type Store } from "../../../src/store/store.ts";
import { creation, noCollecte } from "../../support/collecte-builder.ts";
import { startPostgres, type TestPostgres } from "../../support/postgres.ts";
import { aMessage, claim, firstInstant, moved, ordered, parked, write } from "../changes.ts";
import { collecteCommitter, decided } from "../lives.ts";
import { type OpenedStore, openTemporaryStore, secretsOfTests } from "../open-store.ts";

const run = promisify(execFile);
const program = fileURLToPath(new URL("../second-process.js", import.meta.url));

describe("one PostgreSQL under several processes", function () {
  this.timeout(60_000);
  let postgres: TestPostgres;
  let url: string;
  let opened: OpenedStore;
  let other: Store;
  before(async function () {
    const started = await startPostgres();
    if (!started) return this.skip();
    postgres = started;
  });
  beforeEach(async () => {
    url = await postgres.database();
    opened = await openTemporaryStore(secretsOfTests, { url, lanes: 3 });
    other = await openStore(opened.folder, secretsOfTests, opened.clock, { url });
  });
  afterEach(async () => {
    await other.close();
    await opened.close();
  });
  after(() => postgres?.stop());

  const { turns } = noCollecte().told(creation()).launched();
  const messages = (actorId: string, name: string): Message[] =>
    turns.map(({ command }, n) => ({
      id: `${name}-${actorId}-${n}`,
      actorId,
      kind: "collecte",
      firmId: "firm",
      command,
    }));

  /** A transaction of the other process that goes on until it is let go. */
  async function heldBy(store: Store, work: (tx: JournalTransaction) => Promise<unknown>, lane = 0) {
    let letGo: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let begin: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const ended = store.journal.transaction(async (tx) => {
      await work(tx);
      begin();
      await gone;
    }, lane);
    await begun;
    return async () => {
      letGo();
      await ended;
    };
  }

  it("lets each command be done once, by one of them, and keeps every record whole", async () => {
    const count = 120;
    const results = await Promise.all(
      ["one", "two", "three"].map((name) =>
        run(process.execPath, [program, opened.folder, name, String(count), url]),
      ),
    );
    const done = results.map(({ stdout }) => (JSON.parse(stdout) as { done: number }).done);
    expect(done.reduce((sum, one) => sum + one)).to.equal(2 * count);
    for (let i = 0; i < count; i++) {
      expect(await opened.store.reads.recordIsWhole(`col-${i}`)).to.equal(true);
      expect(await opened.store.reads.collecte("firm", `col-${i}`)).to.have.property("version", 2);
    }
    expect(await postgres.query(url, "SELECT message_id FROM mailbox")).to.deep.equal([]);
  });

  it("decides one id once, though many send it to each of them in several lanes", async () => {
    const committers = [opened.store, other].map(({ journal }) => collecteCommitter(journal, opened.clock));
    const actors = Array.from({ length: 100 }, (_, i) => `col-${i}`);
    const outcomes: Outcome[] = [];
    await Promise.all(
      actors.flatMap((actorId) =>
        committers.map(async (committer) => {
          for (const message of messages(actorId, "m")) outcomes.push(await decided(committer, message));
        }),
      ),
    );
    expect(outcomes).to.have.length(400);
    expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome)))).to.have.property("size", 2);
    for (const actorId of actors) {
      expect(await other.reads.collecte("firm", actorId)).to.have.property("version", 2);
      expect(await other.reads.recordIsWhole(actorId)).to.equal(true);
    }
    await Promise.all(committers.map((committer) => committer.stop()));
  });

  it("parks what is sent for a part that another holds, waits for nobody, and decides it afterwards", async () => {
    const letGo = await heldBy(other, (tx) => tx.hold([partOf("col-1")]));
    const committer = collecteCommitter(opened.store.journal, opened.clock);
    const [create, launch] = messages("col-1", "m");
    if (!create || !launch) return expect.fail();
    expect(await committer.accept(create)).to.deep.equal({ status: "accepted" });
    expect(await committer.accept(launch)).to.deep.equal({ status: "accepted" });
    expect(await committer.accept(create), "known").to.deep.equal({ status: "accepted" });
    const [free] = messages("col-2", "m");
    expect(partOf("col-2")).not.to.equal(partOf("col-1"));
    expect(await committer.accept(free ?? create)).to.deep.equal({ status: "done", version: 1 });
    await letGo();
    for (let tries = 0; tries < 200; tries++) {
      if ((await opened.store.reads.collecte("firm", "col-1"))?.version === 2) break;
      await sleep(10);
    }
    expect(await committer.accept(create)).to.deep.equal({ status: "done", version: 1 });
    expect(await committer.accept(launch)).to.deep.equal({ status: "done", version: 2 });
    await committer.stop();
  });

  it("finds by a wake the mail that a dead process left", async () => {
    const [create] = messages("col-1", "m");
    await write(other.journal, { park: [parked(create ?? aMessage("m"))] });
    const committer = collecteCommitter(opened.store.journal, opened.clock);
    committer.wake(await opened.store.reads.dueParts(opened.clock.now()));
    await committer.stop();
    expect(await opened.store.reads.collecte("firm", "col-1")).to.have.property("version", 1);
  });

  it("gives a part to one transaction at a time, of lanes and of processes, until it ends", async () => {
    const held = (store: Store, lane: number) =>
      store.journal.transaction(async (tx) => [...(await tx.hold([3, 4, 5]))].sort(), lane);
    const letGo = await heldBy(opened.store, (tx) => tx.hold([3, 4]));
    expect(await held(opened.store, 1)).to.deep.equal([5]);
    expect(await held(other, 0)).to.deep.equal([5]);
    await letGo();
    expect(await held(other, 0)).to.deep.equal([3, 4, 5]);
    await opened.store.journal
      .transaction(async (tx) => {
        await tx.hold([3]);
        throw new Error("a fault");
      })
      .catch(() => undefined);
    expect(await held(other, 0)).to.deep.equal([3, 4, 5]);
  });

  it("lets one transaction at a time claim a kind, so that the limit holds over all", async () => {
    const effects = Array.from({ length: 20 }, (_, i) => ordered(`e-${i}`));
    await write(opened.store.journal, moved({ id: "col-1" }, { effects }));
    const letGo = await heldBy(other, async (tx) => {
      await tx.holdKinds(["mail"]);
      await tx.claim({ mail: 5 }, firstInstant, 60_000);
    });
    const kinds = await opened.store.journal.transaction((tx) => tx.holdKinds(["mail", "sms"]));
    expect([...kinds]).to.deep.equal(["sms"]);
    await letGo();
    expect(await claim(opened.store.journal, firstInstant, 5)).to.deep.equal([]);
    expect(await claim(opened.store.journal, firstInstant, 8)).to.have.length(3);
  });

  it("keeps one rate over all of them", async () => {
    const effects = Array.from({ length: 60 }, (_, i) => ordered(`e-${i}`));
    await write(opened.store.journal, moved({ id: "col-1" }, { effects }));
    const rates = { mail: { perSecond: 7, perDay: 10 } };
    const options = { leaseLimits: { mail: 100 }, rates, leaseMs: 60_000 };
    const looks = async (now: number) => {
      const claimings = Array.from({ length: 20 }, (_, i) =>
        (i % 2 === 0 ? other : opened.store).journal.transaction(
          (tx) => claimDue(tx, options, ["mail"], [], now),
          i % 2 === 0 ? 0 : i % 3,
        ),
      );
      return (await Promise.all(claimings)).reduce((sum, { claimed }) => sum + claimed.length, 0);
    };
    expect(await looks(firstInstant)).to.equal(7);
    expect(await looks(firstInstant + 1_000)).to.equal(3);
    expect(await looks(firstInstant + 30_000), "the day's cap").to.equal(0);
    expect(await looks(firstInstant + 86_400_000)).to.equal(7);
  });

  it("passes over effects that another is leasing or settling, and waits for nobody", async () => {
    const effects = Array.from({ length: 6 }, (_, i) => ordered(`e-${i}`));
    await write(opened.store.journal, moved({ id: "col-1" }, { effects }));
    const letGo = await heldBy(other, (tx) => tx.claim({ mail: 4 }, firstInstant, 60_000));
    // Without the lock of the kind, which the committer always asks for.
    const claimed = await claim(opened.store.journal, firstInstant, 6);
    expect(claimed.map(({ id }) => id).sort()).to.deep.equal(["e-4", "e-5"]);
    await letGo();
    expect(await claim(opened.store.journal, firstInstant, 6)).to.deep.equal([]);
  });
});
