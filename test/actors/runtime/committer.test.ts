import { expect } from "chai";
import { KeyReused, Overloaded, VersionConflict } from "../../../src/actors/runtime/errors.ts";
import { lawsOf } from "../../../src/actors/runtime/laws.ts";
import type { Journal } from "../../../src/actors/runtime/ports.ts";
import { thrownBy } from "../../support/thrown.ts";
import { aBench, enter, ledgerLaw } from "./ledger.ts";

/** A journal whose transactions fail as the list says, one item each; then they work. */
function failing(...failures: (Error | undefined)[]): (journal: Journal) => Journal {
  return (journal) => ({
    transaction: (work) =>
      journal.transaction(async (tx) => {
        const result = await work(tx);
        const failure = failures.shift();
        if (failure) throw failure;
        return result;
      }),
  });
}

describe("the committer", () => {
  it("commits a thousand messages that come at once in a few transactions", async () => {
    const { committer, transactions, entriesOf } = aBench();
    const outcomes = await Promise.all(
      Array.from({ length: 1000 }, (_, i) => committer.accept(enter(`actor-${i % 100}`, `w${i}`))),
    );
    expect(transactions()).to.be.at.most(3);
    expect(new Set(outcomes.map(({ status }) => status))).to.deep.equal(new Set(["done"]));
    expect(entriesOf("actor-7")).to.deep.equal(Array.from({ length: 10 }, (_, i) => `w${i * 100 + 7}`));
  });

  it("takes what comes while a transaction runs into the next group", async () => {
    const { committer, transactions } = aBench();
    const accepted: Promise<unknown>[] = [];
    for (let i = 0; i < 300; i++) {
      accepted.push(committer.accept(enter("actor", `w${i}`)));
      if (i % 10 === 0) await Promise.resolve();
    }
    await Promise.all(accepted);
    expect(transactions()).to.be.below(20);
  });

  it("takes no more than the limit of a group", async () => {
    const { committer, transactions } = aBench({ groupLimit: 10 });
    await Promise.all(Array.from({ length: 95 }, (_, i) => committer.accept(enter("actor", `w${i}`))));
    expect(transactions()).to.equal(10);
  });

  it("gives one outcome for one id, however often it comes, and moves once", async () => {
    const { committer, entriesOf } = aBench();
    const message = enter("actor", "once");
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => committer.accept(message)));
    outcomes.push(await committer.accept(message));
    for (const outcome of outcomes) expect(outcome).to.deep.equal({ status: "done", version: 1 });
    expect(entriesOf("actor")).to.deep.equal(["once"]);
  });

  it("repeats a refusal with its facts, even when the state would now allow it", async () => {
    const { committer } = aBench();
    const refused = enter("actor", "refused");
    await committer.accept(enter("actor", "born"));
    const first = await committer.accept(refused);
    await committer.accept(enter("actor", "other"));
    expect(await committer.accept({ ...refused, command: { ...refused.command } })).to.deep.equal(first);
    expect(first).to.deep.equal({
      status: "refused",
      code: "no_such_word",
      facts: { words: 1 },
      version: 1,
    });
  });

  it("refuses a key that comes with another request: in one group, later, and while the first waits", async () => {
    const { committer, entriesOf } = aBench();
    const ask = (id: string, fingerprint: string, entry = {}) =>
      thrownBy(committer.accept(enter("actor", fingerprint, { id, fingerprint, entry })));
    const together = await Promise.all([ask("k-1", "one"), ask("k-1", "two"), ask("k-1", "one")]);
    expect(together.map((thrown) => thrown instanceof KeyReused)).to.deep.equal([false, true, false]);
    expect(await ask("k-1", "two")).to.be.instanceOf(KeyReused);
    expect(await ask("k-1", "one")).to.equal(undefined);
    expect(await ask("k-2", "one", { breaks: "decide" })).to.equal(undefined);
    expect(await ask("k-2", "two")).to.be.instanceOf(KeyReused);
    expect(entriesOf("actor")).to.deep.equal(["one"]);
  });

  it("tells callers to come back when too much waits, but always takes the ends of effects", async () => {
    const { committer } = aBench({ queueLimit: 10 });
    const results = await Promise.allSettled([
      ...Array.from({ length: 30 }, (_, i) => committer.accept(enter("actor", `w${i}`))),
      committer.settle({ kind: "settled", of: "mail", id: "e-1" }, enter("actor", "told")),
    ]);
    const refused = results.filter(({ status }) => status === "rejected");
    expect(refused).to.have.length(20);
    for (const one of refused) expect(one).to.have.property("reason").that.is.instanceOf(Overloaded);
    expect(results.at(-1)).to.have.property("status", "fulfilled");
    expect((await committer.accept(enter("actor", "later"))).status).to.equal("done");
  });

  it("rejects the group whose transaction fails, writes nothing of it, and goes on with the next", async () => {
    const full = new Error("SQLITE_FULL");
    const { committer, entriesOf } = aBench({ groupLimit: 2 }, failing(undefined, full));
    const words = ["a", "b", "c", "d", "e"];
    const results = await Promise.allSettled(words.map((word) => committer.accept(enter("actor", word))));
    expect(results.map(({ status }) => status)).to.deep.equal([
      "fulfilled",
      "fulfilled",
      "rejected",
      "rejected",
      "fulfilled",
    ]);
    expect(results[2]).to.have.property("reason", full);
    expect(entriesOf("actor")).to.deep.equal(["a", "b", "e"]);
  });

  it("decides again when another writer was faster, and gives up after ten times", async () => {
    const conflicts = (count: number) => Array.from({ length: count }, () => new VersionConflict());
    const patient = aBench({}, failing(...conflicts(9)));
    expect(await patient.committer.accept(enter("actor", "won"))).to.deep.equal({
      status: "done",
      version: 1,
    });
    expect(patient.transactions()).to.equal(10);
    const hopeless = aBench({}, failing(...conflicts(10)));
    expect(await thrownBy(hopeless.committer.accept(enter("actor", "lost")))).to.be.instanceOf(
      VersionConflict,
    );
    expect(await hopeless.committer.accept(enter("actor", "next"))).to.have.property("status", "done");
  });

  it("keeps the order of one actor's messages", async () => {
    const { committer, entriesOf } = aBench({ groupLimit: 7 });
    const words = Array.from({ length: 300 }, (_, i) => `w${i}`);
    const accepted: Promise<unknown>[] = [];
    for (const [i, word] of words.entries()) {
      accepted.push(committer.accept(enter("actor", word)));
      if (i % 13 === 0) await new Promise(setImmediate);
    }
    await Promise.all(accepted);
    expect(entriesOf("actor")).to.deep.equal(words);
  });

  it("answers a message of another firm or kind as if the actor were not there", async () => {
    const { committer, entriesOf } = aBench({ laws: lawsOf(ledgerLaw, { ...ledgerLaw, kind: "batch" }) });
    await committer.accept(enter("actor", "ours"));
    const notFound = { status: "refused", code: "not_found", facts: {}, version: 0 };
    expect(await committer.accept(enter("actor", "theirs", { firmId: "firm-b" }))).to.deep.equal(notFound);
    expect(await committer.accept(enter("actor", "other law", { kind: "batch" }))).to.deep.equal(notFound);
    expect(entriesOf("actor")).to.deep.equal(["ours"]);
  });

  it("hands effects on after the commit, up to the limit of leases, and more as they are settled", async () => {
    const { committer, claimed } = aBench({ leaseLimits: { mail: 1, sms: 1 } });
    await committer.accept(enter("actor", "w", { entry: { orders: ["mail", "sms", "mail"] } }));
    expect(claimed).to.deep.equal([
      { id: "actor.1.0", attempts: 1, kind: "mail" },
      { id: "actor.1.1", attempts: 1, kind: "sms" },
    ]);
    await committer.settle({ kind: "settled", of: "mail", id: "actor.1.0" });
    expect(claimed.map(({ id }) => id)).to.deep.equal(["actor.1.0", "actor.1.1", "actor.1.2"]);
  });

  it("writes the end of an effect and its answer together or not at all", async () => {
    const { committer, tables, entriesOf } = aBench({}, failing(undefined, new Error("SQLITE_FULL")));
    await committer.accept(enter("actor", "w", { entry: { orders: ["mail"] } }));
    const settle = () =>
      committer.settle({ kind: "settled", of: "mail", id: "actor.1.0" }, enter("actor", "told"));
    expect(await thrownBy(settle())).to.have.property("message", "SQLITE_FULL");
    expect([tables.outbox.has("actor.1.0"), entriesOf("actor")]).to.deep.equal([true, ["w"]]);
    expect(await settle()).to.deep.equal({ status: "done", version: 2 });
    expect([tables.outbox.has("actor.1.0"), entriesOf("actor")]).to.deep.equal([false, ["w", "told"]]);
  });

  it("leases what is due when it is poked", async () => {
    const { committer, claimed, clock } = aBench({ leaseMs: 1000 });
    await committer.accept(enter("actor", "w", { entry: { orders: ["mail"] } }));
    clock.advance(1000);
    committer.poke();
    await committer.settle({ kind: "settled", of: "mail", id: "nothing" });
    expect(claimed.map(({ attempts }) => attempts)).to.deep.equal([1, 2]);
  });

  it("stops once all that was accepted is committed, and leases nothing more", async () => {
    const { committer, claimed, entriesOf } = aBench({ groupLimit: 10 });
    let answered = 0;
    const orders = { entry: { orders: ["mail"] } };
    for (let i = 0; i < 50; i++)
      void committer.accept(enter("actor", `w${i}`, orders)).then(() => answered++);
    await committer.stop();
    expect([answered, entriesOf("actor").length, committer.waiting()]).to.deep.equal([50, 50, 0]);
    committer.poke();
    await committer.stop();
    expect(claimed).to.deep.equal([]);
  });
});
