import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { partOf } from "../../../src/actors/runtime/parts.ts";
import type { Journal, JournalTransaction } from "../../../src/actors/runtime/ports.ts";
import { aBench, enter } from "./ledger.ts";

/** A journal of which another process holds parts and kinds. */
function shared(others: { parts: number[]; kinds: string[] }, lanes = 1): (journal: Journal) => Journal {
  const withOthers = (tx: JournalTransaction): JournalTransaction => ({
    ...tx,
    hold: async (parts) => new Set(parts.filter((part) => !others.parts.includes(part))),
    holdKinds: async (kinds) => new Set(kinds.filter((kind) => !others.kinds.includes(kind))),
  });
  return (journal) => ({
    lanes,
    transaction: (work, lane) => journal.transaction((tx) => work(withOthers(tx)), lane),
  });
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !isSo(); tries++) await sleep(5);
  expect(isSo()).to.equal(true);
}

describe("a committer that shares its journal", () => {
  it("parks what comes for a part that another holds, in order, and decides it when it is free", async () => {
    const others = { parts: [partOf("actor")], kinds: [] };
    const { committer, entriesOf, tables } = aBench({}, shared(others));
    const first = enter("actor", "a");
    expect(await committer.accept(first)).to.deep.equal({ status: "accepted" });
    expect(await committer.accept(enter("actor", "b"))).to.deep.equal({ status: "accepted" });
    expect(await committer.accept(first), "sent again").to.deep.equal({ status: "accepted" });
    expect(await committer.accept(enter("free", "c"))).to.deep.equal({ status: "done", version: 1 });
    expect(entriesOf("actor")).to.deep.equal([]);
    others.parts = [];
    await until(() => entriesOf("actor").length === 2);
    expect(entriesOf("actor")).to.deep.equal(["a", "b"]);
    expect(tables.mailbox.values()).to.deep.equal([]);
    expect(await committer.accept(first)).to.deep.equal({ status: "done", version: 1 });
    await committer.stop();
  });

  it("decides what waits before what comes when it got the part", async () => {
    const others = { parts: [partOf("actor")], kinds: [] };
    const { committer, entriesOf } = aBench({}, shared(others));
    await committer.accept(enter("actor", "a"));
    others.parts = [];
    await committer.accept(enter("actor", "b"));
    expect(entriesOf("actor")).to.deep.equal(["a", "b"]);
    await committer.stop();
  });

  it("decides what was parked by a faster clock before what comes", async () => {
    const others = { parts: [partOf("actor")], kinds: [] };
    const { committer, entriesOf, clock } = aBench({}, shared(others));
    clock.advance(5_000);
    await committer.accept(enter("actor", "a"));
    clock.advance(-5_000);
    others.parts = [];
    await committer.accept(enter("actor", "b"));
    expect(entriesOf("actor")).to.deep.equal(["a", "b"]);
    await committer.stop();
  });

  it("claims later what another was claiming", async () => {
    const others = { parts: [], kinds: ["mail"] };
    const { committer, claimed } = aBench({}, shared(others));
    await committer.accept(enter("actor", "a", { entry: { orders: ["mail", "sms"] } }));
    expect(claimed.map(({ kind }) => kind)).to.deep.equal(["sms"]);
    others.kinds = [];
    await until(() => claimed.length === 2);
    expect(claimed.map(({ kind }) => kind)).to.deep.equal(["sms", "mail"]);
    await committer.stop();
  });

  it("stops though a part stays with another, and leaves the mail to it", async () => {
    const others = { parts: [partOf("actor")], kinds: ["mail"] };
    const { committer, tables, transactions } = aBench({}, shared(others));
    await committer.accept(enter("actor", "a"));
    await committer.stop();
    const stoppedAt = transactions();
    await sleep(50);
    expect(transactions()).to.equal(stoppedAt);
    expect(tables.mailbox.values()).to.have.length(1);
  });

  it("keeps each actor's order over several lanes", async () => {
    const { committer, entriesOf } = aBench({ groupLimit: 5 }, shared({ parts: [], kinds: [] }, 4));
    const actors = Array.from({ length: 20 }, (_, i) => `actor-${i}`);
    const words = Array.from({ length: 10 }, (_, i) => `w${i}`);
    await Promise.all(words.flatMap((word) => actors.map((actor) => committer.accept(enter(actor, word)))));
    for (const actor of actors) expect(entriesOf(actor)).to.deep.equal(words);
    await committer.stop();
  });
});
