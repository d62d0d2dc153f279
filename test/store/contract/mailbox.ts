import { expect } from "chai";
import { partOf } from "../../../src/actors/runtime/parts.ts";
import { thrownBy } from "../../support/thrown.ts";
import { aMessage, firstInstant, moved, parked, write } from "../changes.ts";
import { eachOpened, type Opened } from "./subject.ts";

export function describeMailbox(open: () => Promise<Opened>): void {
  describe("the mailbox, timers and dead letters", () => {
    const store = eachOpened(open);
    const journal = () => store.it.journal;
    const mail = (parts: number[], now = firstInstant, limit = 100) =>
      journal().transaction((tx) => tx.mail(parts, now, limit));
    const part = partOf("col-1");

    it("gives messages back whole, in the order in which they were parked", async () => {
      const fingerprinted = aMessage("m-1", { fingerprint: "a".repeat(64) });
      await write(journal(), { park: [parked(fingerprinted), parked(aMessage("m-2"), { attempts: 3 })] });
      await write(journal(), { park: [parked(aMessage("m-0"))] });
      const rows = await mail([part]);
      expect(rows.map(({ message }) => message.id)).to.deep.equal(["m-1", "m-2", "m-0"]);
      expect(rows[0]?.message).to.deep.equal(fingerprinted);
      expect(rows.map(({ attempts }) => attempts)).to.deep.equal([0, 3, 0]);
      expect(rows.map(({ seq }) => seq)).to.deep.equal(rows.map(({ seq }) => seq).sort((a, b) => a - b));
    });

    it("counts what waits, due or not, up to so many", async () => {
      await write(journal(), { park: [parked(aMessage("m-1"), { notBefore: firstInstant + 1 })] });
      await write(journal(), { park: [parked(aMessage("m-2")), parked(aMessage("m-3"))] });
      const counts = await Promise.all([2, 3, 9].map((most) => store.it.reads.mailWaiting(most)));
      expect(counts).to.deep.equal([2, 3, 3]);
    });

    it("keeps back what may not be tried yet", async () => {
      await write(journal(), { park: [parked(aMessage("m-1"), { notBefore: firstInstant + 1 })] });
      expect(await mail([part])).to.deep.equal([]);
      expect(await store.it.reads.dueParts(firstInstant)).to.deep.equal([]);
      expect(await mail([part], firstInstant + 1)).to.have.length(1);
      expect(await store.it.reads.dueParts(firstInstant + 1)).to.deep.equal([part]);
    });

    it("holds nothing back for longer than it may wait, since the clock went back", async () => {
      const notBefore = firstInstant + 16_000;
      await write(journal(), { park: [parked(aMessage("m-1"), { notBefore })] });
      const before = firstInstant - 3_600_000;
      expect(await mail([part], before)).to.have.length(1);
      expect(await store.it.reads.dueParts(before)).to.deep.equal([part]);
    });

    it("reads only the parts that are asked for, and no more than the limit", async () => {
      const other = aMessage("m-3", { actorId: actorBefore(part) });
      await write(journal(), { park: [parked(aMessage("m-1")), parked(aMessage("m-2")), parked(other)] });
      expect((await mail([part], firstInstant, 1)).map(({ message }) => message.id)).to.deep.equal(["m-1"]);
      expect((await mail([part])).map(({ message }) => message.id)).to.deep.equal(["m-1", "m-2"]);
      const both = [part, partOf(other.actorId)];
      expect((await mail(both)).map(({ message }) => message.id)).to.deep.equal(["m-1", "m-2", "m-3"]);
      expect(await store.it.reads.dueParts(firstInstant)).to.have.members(both);
    });

    it("says which of the parts have mail, due or not", async () => {
      await write(journal(), { park: [parked(aMessage("m-1"), { notBefore: firstInstant + 99 })] });
      const waiting = await journal().transaction((tx) => tx.waitingParts([part, (part + 1) % 64]));
      expect([...waiting]).to.deep.equal([part]);
      expect((await journal().transaction((tx) => tx.waitingParts([]))).size).to.equal(0);
    });

    it("keeps one of two messages with the same id", async () => {
      await write(journal(), { park: [parked(aMessage("m-1"))] });
      await write(journal(), { park: [parked(aMessage("m-1", { actorId: "col-2" }))] });
      expect((await mail([part, partOf("col-2")])).map(({ message }) => message.actorId)).to.deep.equal([
        "col-1",
      ]);
    });

    it("knows a waiting message as accepted, with its fingerprint", async () => {
      const waiting = aMessage("m-1", { fingerprint: "b".repeat(64) });
      await write(journal(), { park: [parked(waiting, { notBefore: firstInstant + 99 })] });
      const known = await journal().transaction((tx) => tx.receipts(["m-1"]));
      expect(known.get("m-1")).to.deep.equal({
        messageId: "m-1",
        actorId: "col-1",
        fingerprint: "b".repeat(64),
        outcome: { status: "accepted" },
        at: firstInstant,
      });
    });

    it("prefers the outcome when a message has one and still waits", async () => {
      await write(journal(), { park: [parked(aMessage("m-1"))] });
      const outcome = { status: "done" as const, version: 4 };
      const receipt = { messageId: "m-1", actorId: "col-1", fingerprint: null, outcome, at: firstInstant };
      await write(journal(), { receipts: [receipt] });
      const known = await journal().transaction((tx) => tx.receipts(["m-1"]));
      expect(known.get("m-1")?.outcome).to.deep.equal(outcome);
    });

    it("drops drained mail, and takes a message back behind the others in the same write", async () => {
      await write(journal(), { park: [parked(aMessage("m-1")), parked(aMessage("m-2"))] });
      const [first] = await mail([part]);
      await write(journal(), {
        drained: [first?.seq ?? -1],
        park: [parked(aMessage("m-1"), { attempts: 1 })],
      });
      const rows = await mail([part]);
      expect(rows.map(({ message, attempts }) => [message.id, attempts])).to.deep.equal([
        ["m-2", 0],
        ["m-1", 1],
      ]);
    });

    it("takes a dead letter once", async () => {
      const dead = { message: aMessage("m-1"), error: "unexpected", at: firstInstant };
      await write(journal(), { deadLetters: [dead] });
      expect(await thrownBy(write(journal(), { deadLetters: [dead] }))).to.have.property(
        "code",
        "version_conflict",
      );
    });

    it("sets, moves and clears timers by name", async () => {
      const timer = (name: string, dueAt: number, generation = 1) => ({
        actorId: "col-1",
        name,
        generation,
        dueAt,
      });
      const due = async (now: number) =>
        (await store.it.reads.dueTimers(now, 9)).map(({ name, generation, dueAt }) => [
          name,
          generation,
          dueAt,
        ]);
      await write(
        journal(),
        moved({ id: "col-1" }, { timers: [timer("expiry", 50), timer("reminder", 20)] }),
      );
      expect(await due(19)).to.deep.equal([]);
      expect(await due(50)).to.deep.equal([
        ["reminder", 1, 20],
        ["expiry", 1, 50],
      ]);
      await write(journal(), {
        timers: [timer("expiry", 70, 2)],
        clearedTimers: [{ actorId: "col-1", name: "reminder" }],
      });
      expect(await due(69)).to.deep.equal([]);
      expect(await due(70)).to.deep.equal([["expiry", 2, 70]]);
    });
  });
}

/** Of a lower part: in the order of parts its mail would come first. */
function actorBefore(part: number): string {
  for (let i = 0; i < 10_000; i++) if (partOf(`other-${i}`) < part) return `other-${i}`;
  return expect.fail(`no part is lower than ${part}`);
}
