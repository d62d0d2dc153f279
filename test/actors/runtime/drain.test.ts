import { expect } from "chai";
import { messageTries } from "../../../src/actors/runtime/desk.ts";
import { noChanges } from "../../../src/actors/runtime/drain.ts";
import { partOf } from "../../../src/actors/runtime/parts.ts";
import type { Message } from "../../../src/actors/runtime/ports.ts";
import { aBench, type Bench, type Entry, enter } from "./ledger.ts";

/** Puts messages in the mailbox table, as a process that could not drain them would. */
function park({ journal, clock }: Bench, messages: Message[]): Promise<void> {
  const park = messages.map((message) => ({
    message,
    part: partOf(message.actorId),
    at: clock.now(),
    attempts: 0,
    notBefore: clock.now(),
  }));
  return journal.transaction((tx) => tx.write({ ...noChanges(), park }));
}

/** Wakes every part and waits until that is done. */
async function wakeAll({ committer }: Bench): Promise<void> {
  committer.wake(Array.from({ length: 64 }, (_, part) => part));
  await committer.settle({ kind: "settled", of: "mail", id: "nothing" });
}

describe("a drain", () => {
  it("decides waiting mail when its part is woken", async () => {
    const bench = aBench();
    await park(bench, [enter("actor", "a"), enter("actor", "b"), enter("other", "c")]);
    await wakeAll(bench);
    expect([bench.entriesOf("actor"), bench.entriesOf("other")]).to.deep.equal([["a", "b"], ["c"]]);
    expect(bench.tables.mailbox.values()).to.deep.equal([]);
  });

  it("decides older mail before a fresh message of the same part", async () => {
    const bench = aBench();
    await park(bench, [enter("actor", "older"), enter("actor", "old")]);
    await bench.committer.accept(enter("actor", "fresh"));
    expect(bench.entriesOf("actor")).to.deep.equal(["older", "old", "fresh"]);
  });

  it("keeps no receipt of a refusal that is only for now: the same message may come again", async () => {
    const bench = aBench();
    const later = enter("actor", "later");
    const tooSoon = { status: "refused", code: "too_soon", facts: { retryAfterSeconds: 60 }, version: 0 };
    expect(await bench.committer.accept(later)).to.deep.equal(tooSoon);
    await bench.committer.accept(enter("actor", "first"));
    expect(await bench.committer.accept(later)).to.deep.equal({ status: "done", version: 2 });
    expect(await bench.committer.accept(later)).to.deep.equal({ status: "done", version: 2 });
    expect(bench.entriesOf("actor")).to.deep.equal(["first", "later"]);
  });

  it("keeps the receipt of such a refusal when the message had been accepted: somebody waits for its outcome", async () => {
    const bench = aBench();
    const later = enter("actor", "later");
    await park(bench, [later]);
    await wakeAll(bench);
    expect(bench.tables.receipts.get(later.id)?.outcome).to.deep.include({
      status: "refused",
      code: "too_soon",
    });
    await bench.committer.accept(enter("actor", "first"));
    expect(await bench.committer.accept(later)).to.deep.include({ status: "refused", code: "too_soon" });
  });

  it("decides a message that is meant for one version only if the actor has that one still", async () => {
    const bench = aBench();
    await bench.committer.accept(enter("actor", "first"));
    const meant = (word: string, ifVersion: number) => {
      const message = enter("actor", word);
      return bench.committer.accept({ ...message, command: { ...message.command, ifVersion } });
    };
    const changed = { status: "refused", code: "version_changed", facts: {} };
    expect(await meant("early", 0)).to.deep.equal({ ...changed, version: 1 });
    // Two that were read in the same version arrive in one group: one of them is second.
    const both = await Promise.all([meant("one", 1), meant("other", 1)]);
    expect(both).to.deep.equal([
      { status: "done", version: 2 },
      { ...changed, version: 2 },
    ]);
    expect(bench.entriesOf("actor")).to.deep.equal(["first", "one"]);
  });

  it("keeps no receipt of what an actor that the firm doesn't have refuses", async () => {
    const bench = aBench();
    const early = enter("actor", "early", { entry: { type: "Ring", at: 0 } });
    expect(await bench.committer.accept(early)).to.include({ status: "refused", version: 0 });
    await bench.committer.accept(enter("actor", "first"));
    const alien = enter("actor", "alien", { firmId: "another" });
    expect(await bench.committer.accept(alien)).to.include({ status: "refused", code: "not_found" });
    expect(bench.tables.receipts.values()).to.have.length(1);
  });

  it("lets fresh messages queue up behind more mail than one drain takes", async () => {
    const bench = aBench();
    const words = Array.from({ length: 1100 }, (_, i) => `w${i}`);
    await park(
      bench,
      words.map((word) => enter("actor", word)),
    );
    expect(await bench.committer.accept(enter("actor", "fresh"))).to.deep.equal({ status: "accepted" });
    await bench.committer.accept(enter("actor", "last"));
    expect(bench.entriesOf("actor")).to.deep.equal([...words, "fresh", "last"]);
  });

  it("takes all the mail of a part that was woken once, however much", async () => {
    const bench = aBench();
    await park(
      bench,
      Array.from({ length: 3500 }, (_, i) => enter("actor", `w${i}`)),
    );
    bench.committer.wake([partOf("actor")]);
    await bench.committer.settle({ kind: "settled", of: "mail", id: "nothing" });
    while (bench.tables.mailbox.values().length > 0) await new Promise(setImmediate);
    expect(bench.entriesOf("actor")).to.have.length(3500);
    expect(bench.transactions()).to.be.below(7);
  });

  it("forgets mail that was decided already", async () => {
    const bench = aBench();
    const message = enter("actor", "once");
    await bench.committer.accept(message);
    await park(bench, [message]);
    await wakeAll(bench);
    expect(bench.entriesOf("actor")).to.deep.equal(["once"]);
    expect(bench.tables.mailbox.values()).to.deep.equal([]);
  });

  it("gives a message that comes again while it waits the outcome that it gets now", async () => {
    const bench = aBench();
    const message = enter("actor", "once");
    await park(bench, [message]);
    expect(await bench.committer.accept(message)).to.deep.equal({ status: "done", version: 1 });
    expect(bench.entriesOf("actor")).to.deep.equal(["once"]);
  });

  it("tries a poison message five times, later each time, and then buries it", async () => {
    const bench = aBench();
    const poison = enter("actor", "poison", { entry: { breaks: "decide" } });
    expect(await bench.committer.accept(poison)).to.deep.equal({ status: "accepted" });
    const pauses: number[] = [];
    for (let waiting = bench.tables.mailbox.values(); waiting[0]; waiting = bench.tables.mailbox.values()) {
      const { notBefore, attempts } = waiting[0];
      pauses.push(notBefore - bench.clock.now());
      expect(attempts).to.equal(pauses.length);
      bench.clock.set(notBefore - 1);
      await wakeAll(bench);
      expect(bench.tables.mailbox.values()[0]).to.include({ attempts, notBefore });
      bench.clock.set(notBefore);
      await wakeAll(bench);
    }
    expect(pauses).to.deep.equal([2000, 4000, 8000, 16_000]);
    expect(pauses).to.have.length(messageTries - 1);
    expect(bench.tables.deadLetters.values()).to.deep.equal([
      { messageId: poison.id, firmId: poison.firmId, error: "unexpected" },
    ]);
    const refused = { status: "refused", code: "dead_letter", facts: {}, version: 0 };
    expect(await bench.committer.accept(poison)).to.deep.equal(refused);
  });

  it("counts no try when the poison's sender asks again", async () => {
    const bench = aBench();
    const poison = enter("actor", "poison", { entry: { breaks: "decide" } });
    for (let i = 0; i < 9; i++)
      expect(await bench.committer.accept(poison)).to.deep.equal({ status: "accepted" });
    expect(bench.tables.mailbox.values().map(({ attempts }) => attempts)).to.deep.equal([1]);
  });

  for (const breaks of ["decide", "evolve", "effectsOf", "timersOf"] as const) {
    it(`leaves the neighbours of a message unharmed when the law's ${breaks} throws`, async () => {
      const bench = aBench();
      const entry: Partial<Entry> = breaks === "timersOf" ? { word: "timersOf breaks" } : { breaks };
      const outcomes = await Promise.all([
        bench.committer.accept(enter("actor", "before", { entry: { orders: ["mail"] } })),
        bench.committer.accept(enter("actor", "poison", { entry: { orders: ["mail"], ...entry } })),
        bench.committer.accept(enter("actor", "after", { entry: { bellAt: 5, orders: ["sms"] } })),
        bench.committer.accept(enter("other", "neighbour")),
      ]);
      expect(outcomes.map(({ status }) => status)).to.deep.equal(["done", "accepted", "done", "done"]);
      expect(bench.entriesOf("actor")).to.deep.equal(["before", "after"]);
      expect(bench.tables.events.get("actor")?.map(({ version }) => version)).to.deep.equal([1, 2]);
      expect(bench.claimed.map(({ id, kind }) => `${id} ${kind}`)).to.deep.equal([
        "actor.1.0 mail",
        "actor.2.0 sms",
      ]);
      expect(bench.tables.timers.values()).to.deep.equal([
        { actorId: "actor", name: "bell", generation: 2, dueAt: 5 },
      ]);
    });
  }

  it("leaves all others unharmed among one poison message in a hundred", async () => {
    const bench = aBench();
    const isPoison = (i: number) => i % 100 === 50;
    await Promise.all(
      Array.from({ length: 5000 }, (_, i) =>
        bench.committer.accept(
          enter(`actor-${i % 40}`, `w${i}`, { entry: isPoison(i) ? { breaks: "decide" } : {} }),
        ),
      ),
    );
    for (let i = 0; i < messageTries; i++) {
      bench.clock.advance(60_000);
      await wakeAll(bench);
    }
    expect(bench.tables.deadLetters.values()).to.have.length(50);
    for (let actor = 0; actor < 40; actor++) {
      const expected = Array.from({ length: 125 }, (_, n) => actor + n * 40).filter((i) => !isPoison(i));
      expect(bench.entriesOf(`actor-${actor}`)).to.deep.equal(expected.map((i) => `w${i}`));
    }
  });

  it("keeps a message of a kind that has no law as a dead letter in the end", async () => {
    const bench = aBench();
    await bench.committer.accept(enter("actor", "w", { kind: "unheard-of" }));
    for (let i = 0; i < messageTries; i++) {
      bench.clock.advance(60_000);
      await wakeAll(bench);
    }
    expect(bench.tables.deadLetters.values().map(({ error }) => error)).to.deep.equal(["unknown_actor_kind"]);
  });

  it("sets a timer, moves it with a new generation, and clears it when the state wants none", async () => {
    const bench = aBench();
    const bells = () => bench.tables.timers.values().map(({ generation, dueAt }) => [generation, dueAt]);
    const at = bench.clock.now();
    await bench.committer.accept(enter("actor", "a", { entry: { bellAt: at + 5 } }));
    expect(bells()).to.deep.equal([[1, at + 5]]);
    await bench.committer.accept(enter("actor", "b"));
    expect(bells()).to.deep.equal([[1, at + 5]]);
    await bench.committer.accept(enter("actor", "c", { entry: { bellAt: at + 9 } }));
    expect(bells()).to.deep.equal([[3, at + 9]]);
    await bench.committer.accept(enter("actor", "", { entry: { type: "Ring", at: at + 9 } }));
    expect(bells()).to.deep.equal([]);
  });

  it("writes no timer that a group sets and clears", async () => {
    const bench = aBench();
    const at = bench.clock.now();
    await Promise.all([
      bench.committer.accept(enter("actor", "a", { entry: { bellAt: at } })),
      bench.committer.accept(enter("actor", "", { entry: { type: "Ring", at } })),
    ]);
    expect(bench.tables.timers.values()).to.deep.equal([]);
  });
});
