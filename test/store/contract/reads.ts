import { expect } from "chai";
import type { Reads } from "../../../src/actors/runtime/ports.ts";
import { actorOf, aMessage, firstInstant, moved, parked, write } from "../changes.ts";
import { eachOpened, type Opened } from "./subject.ts";

export function describeReads(open: () => Promise<Opened>): void {
  describe("reads", () => {
    const store = eachOpened(open);
    const journal = () => store.it.journal;

    it("shows a collecte to its firm and to nobody else", async () => {
      await write(journal(), moved({ id: "col-1", firmId: "firm-a", events: ["CollecteCreated", "Moved"] }));
      const { reads } = store.it;
      expect(await reads.collecte("firm-a", "col-1")).to.deep.include({
        id: "col-1",
        version: 1,
        createdAt: firstInstant,
        updatedAt: firstInstant,
      });
      expect(await reads.collecte("firm-b", "col-1")).to.equal(undefined);
      expect(await reads.history("firm-a", "col-1")).to.have.length(2);
      expect(await reads.history("firm-b", "col-1")).to.deep.equal([]);
      expect(await reads.collectes("firm-b", { limit: 9 })).to.deep.equal([]);
      expect(await reads.collecte("firm-a", "col-9")).to.equal(undefined);
      expect(await reads.history("firm-a", "col-9")).to.deep.equal([]);
    });

    it("tells the history oldest first, with what was said", async () => {
      await write(journal(), moved({ id: "col-1", events: ["A", "B"] }));
      for (let from = 1; from < 12; from++) {
        const headHash = (await actorOf(journal(), "col-1"))?.headHash ?? "";
        await write(journal(), moved({ id: "col-1", from, events: [`C${from}`], headHash }));
      }
      const history = await store.it.reads.history("firm-a", "col-1");
      expect(history.map(({ version, n }) => [version, n])).to.deep.equal([
        [1, 0],
        [1, 1],
        ...Array.from({ length: 11 }, (_, i) => [i + 2, 0]),
      ]);
      expect(history[1]).to.deep.equal({
        version: 1,
        n: 1,
        type: "B",
        data: { type: "B", at: firstInstant, personal: { said: "B of col-1" } },
        at: firstInstant,
      });
    });

    it("pages newest first, without a gap or a double when many were born at once", async () => {
      const ids = Array.from({ length: 23 }, (_, i) => `col-${String(i).padStart(2, "0")}`);
      for (const [i, id] of ids.entries()) {
        await write(journal(), moved({ id, createdAt: firstInstant + Math.floor(i / 10), at: firstInstant }));
      }
      await write(journal(), moved({ id: "col-alien", firmId: "firm-b" }));
      for (const limit of [1, 4, 10, 50]) {
        expect(await allPages(store.it.reads, limit)).to.deep.equal([...ids].reverse());
      }
    });

    it("lists one status when asked", async () => {
      await write(journal(), moved({ id: "col-1", status: "draft" }));
      await write(journal(), moved({ id: "col-2", status: "launched" }));
      await write(journal(), moved({ id: "col-3", status: "draft", firmId: "firm-b" }));
      const drafts = await store.it.reads.collectes("firm-a", { limit: 9, status: "draft" });
      expect(drafts.map(({ id }) => id)).to.deep.equal(["col-1"]);
      const before = { createdAt: firstInstant, id: "col-1" };
      expect(await store.it.reads.collectes("firm-a", { limit: 9, status: "draft", before })).to.deep.equal(
        [],
      );
    });

    it("pages due timers oldest first, without a gap when many are due at once", async () => {
      const timers = Array.from({ length: 17 }, (_, i) => ({
        actorId: `col-${i % 3}`,
        name: `t-${String(i).padStart(2, "0")}`,
        generation: 1,
        dueAt: 100 + Math.floor(i / 9),
      }));
      for (const id of ["col-0", "col-1", "col-2"])
        await write(journal(), moved({ id, firmId: `firm of ${id}` }));
      await write(journal(), { timers });
      const { reads } = store.it;
      const seen: string[] = [];
      let page = await reads.dueTimers(101, 4);
      expect(page[0]).to.deep.equal({
        actorId: "col-0",
        kind: "collecte",
        firmId: "firm of col-0",
        name: "t-00",
        generation: 1,
        dueAt: 100,
      });
      while (page.length > 0) {
        seen.push(...page.map(({ name }) => name));
        page = await reads.dueTimers(101, 4, page.at(-1));
      }
      expect(seen).to.have.members(timers.map(({ name }) => name));
      expect(seen).to.have.length(17);
      expect(await reads.dueTimers(99, 4)).to.deep.equal([]);
      expect(await reads.dueTimers(100, 99)).to.have.length(9);
    });

    it("finds a record whole as it grows, and that of nobody not", async () => {
      const { reads } = store.it;
      await write(journal(), moved({ id: "col-1", events: ["A", "B", "C"] }));
      expect(await reads.recordIsWhole("col-1")).to.equal(true);
      const headHash = (await actorOf(journal(), "col-1"))?.headHash ?? "";
      await write(journal(), moved({ id: "col-1", from: 1, headHash }));
      expect(await reads.recordIsWhole("col-1")).to.equal(true);
      expect(await reads.recordIsWhole("col-9")).to.equal(false);
    });

    it("tells a firm what became of its messages, and nobody else", async () => {
      const done = { status: "done" as const, version: 1 };
      const kept = { messageId: "m-1", actorId: "col-1", fingerprint: "f", outcome: done, at: firstInstant };
      await write(journal(), moved({ id: "col-1" }, { receipts: [kept] }));
      const alien = moved({ id: "col-2", firmId: "firm-b" });
      await write(journal(), {
        ...alien,
        receipts: [{ ...kept, messageId: "m-2", actorId: "col-2" }],
        park: [parked(aMessage("m-3", { fingerprint: "g" })), parked(aMessage("m-4", { firmId: "firm-b" }))],
      });
      const { reads } = store.it;
      const all = ["m-1", "m-2", "m-3", "m-4", "m-5"];
      const waiting = {
        messageId: "m-3",
        actorId: "col-1",
        fingerprint: "g",
        outcome: { status: "accepted" },
        at: firstInstant,
      };
      expect(await reads.receipts("firm-a", all)).to.deep.equal(
        new Map<string, unknown>([
          ["m-1", kept],
          ["m-3", waiting],
        ]),
      );
      expect([...(await reads.receipts("firm-b", all)).keys()].sort()).to.deep.equal(["m-2", "m-4"]);
      expect(await reads.receipts("firm-c", all)).to.deep.equal(new Map());
      expect(await reads.receipts("firm-a", [])).to.deep.equal(new Map());
    });

    it("prefers the outcome of a message that waits still", async () => {
      const outcome = { status: "done" as const, version: 1 };
      const receipt = { messageId: "m-1", actorId: "col-1", fingerprint: null, outcome, at: firstInstant };
      await write(
        journal(),
        moved({ id: "col-1" }, { receipts: [receipt], park: [parked(aMessage("m-1"))] }),
      );
      const known = await store.it.reads.receipts("firm-a", ["m-1"]);
      expect(known.get("m-1")?.outcome).to.deep.equal(outcome);
    });

    it("tells the sender of a dead letter to an actor that never was, or that is another firm's", async () => {
      const outcome = { status: "refused" as const, code: "dead_letter", facts: {}, version: 0 };
      const dead = (id: string, actorId: string) => ({
        receipts: [{ messageId: id, actorId, fingerprint: null, outcome, at: firstInstant }],
        deadLetters: [{ message: aMessage(id, { actorId }), error: "unexpected", at: firstInstant }],
      });
      await write(journal(), moved({ id: "col-2", firmId: "firm-b" }, dead("m-2", "col-2")));
      await write(journal(), dead("m-1", "col-1"));
      const { reads } = store.it;
      expect([...(await reads.receipts("firm-a", ["m-1", "m-2"])).keys()].sort()).to.deep.equal([
        "m-1",
        "m-2",
      ]);
      expect(await reads.receipts("firm-b", ["m-1", "m-2"])).to.deep.equal(new Map());
    });

    it("knows no link that was never ordered", async () => {
      expect(await store.it.reads.link("0".repeat(64))).to.equal(undefined);
    });
  });
}

async function allPages(reads: Reads, limit: number): Promise<string[]> {
  const ids: string[] = [];
  let before: { createdAt: number; id: string } | undefined;
  for (;;) {
    const page = await reads.collectes("firm-a", { limit, ...(before && { before }) });
    ids.push(...page.map(({ id }) => id));
    const last = page.at(-1);
    if (!last) return ids;
    before = { createdAt: last.createdAt, id: last.id };
  }
}
