import { expect } from "chai";
import { VersionConflict } from "../../../src/actors/runtime/errors.ts";
import { digestOf } from "../../../src/actors/runtime/secrets.ts";
import { thrownBy } from "../../support/thrown.ts";
import { actorOf, aMessage, firstInstant, moved, ordered, parked, write } from "../changes.ts";
import { eachOpened, type Opened } from "./subject.ts";

export function describeActors(open: () => Promise<Opened>): void {
  describe("actors and receipts", () => {
    const store = eachOpened(open);
    const journal = () => store.it.journal;

    it("gives an actor back as it was written, personal values included", async () => {
      const changes = moved({ id: "col-1", at: firstInstant + 5 });
      await write(journal(), changes);
      const row = await actorOf(journal(), "col-1");
      expect(row?.headHash).to.be.a("string");
      const { expectedVersion: _, ...written } = changes.actors[0] ?? expect.fail();
      expect(row).to.deep.equal({ ...written, headHash: row?.headHash });
    });

    it("knows nothing of an actor that never was", async () => {
      expect(await actorOf(journal(), "col-9")).to.equal(undefined);
    });

    it("keeps the day of birth when an actor moves on", async () => {
      await write(journal(), moved({ id: "col-1" }));
      const headHash = (await actorOf(journal(), "col-1"))?.headHash ?? "";
      await write(
        journal(),
        moved({
          id: "col-1",
          from: 1,
          at: firstInstant + 9,
          createdAt: firstInstant + 7,
          status: "completed",
          headHash,
        }),
      );
      const row = await actorOf(journal(), "col-1");
      expect(row).to.include({ version: 2, createdAt: firstInstant, updatedAt: firstInstant + 9 });
    });

    it("lets one of two writers win, and nothing of the other is written", async () => {
      await write(journal(), moved({ id: "col-1" }));
      const headHash = (await actorOf(journal(), "col-1"))?.headHash ?? "";
      const second = (status: "completed" | "refused", effect: string) =>
        write(
          journal(),
          moved(
            { id: "col-1", from: 1, status, headHash },
            {
              effects: [ordered(effect)],
              receipts: [receipt(effect)],
              timers: [{ actorId: "col-1", name: effect, generation: 2, dueAt: firstInstant }],
              park: [parked(aMessage(`mail of ${effect}`))],
            },
          ),
        );
      const results = await Promise.allSettled([second("completed", "won"), second("refused", "lost")]);
      expect(results.map(({ status }) => status)).to.deep.equal(["fulfilled", "rejected"]);
      expect(results[1]).to.have.property("reason").that.is.instanceOf(VersionConflict);
      const { state } = (await actorOf(journal(), "col-1")) ?? expect.fail();
      expect(state).to.have.property("status", "completed");
      const receipts = await journal().transaction((tx) => tx.receipts(["won", "lost", "mail of lost"]));
      expect([...receipts.keys()]).to.deep.equal(["won"]);
      const claimed = await journal().transaction((tx) => tx.claim({ mail: 9 }, firstInstant, 1000));
      expect(claimed.map(({ id }) => id)).to.deep.equal(["won"]);
      const timers = await store.it.reads.dueTimers(firstInstant, 9);
      expect(timers.map(({ name }) => name)).to.deep.equal(["won"]);
    });

    it("lets one of two births win, and the actor stays readable", async () => {
      await write(journal(), moved({ id: "col-1", status: "draft" }));
      const late = await thrownBy(write(journal(), moved({ id: "col-1", status: "launched" })));
      expect(late).to.be.instanceOf(VersionConflict);
      expect((await actorOf(journal(), "col-1"))?.state).to.have.nested.property(
        "personal.title",
        "About col-1",
      );
      expect(await store.it.reads.collecte("firm-a", "col-1")).to.have.nested.property(
        "state.status",
        "draft",
      );
    });

    it("undoes a whole transaction when its work throws after the write", async () => {
      const thrown = await thrownBy(
        journal().transaction(async (tx) => {
          await tx.write(moved({ id: "col-1" }, { effects: [ordered("e")], receipts: [receipt("m")] }));
          throw new Error("a fault");
        }),
      );
      expect(thrown).to.have.property("message", "a fault");
      expect(await actorOf(journal(), "col-1")).to.equal(undefined);
      expect(await journal().transaction((tx) => tx.receipts(["m"]))).to.have.property("size", 0);
      expect(await journal().transaction((tx) => tx.claim({ mail: 9 }, firstInstant, 1000))).to.deep.equal(
        [],
      );
    });

    it("runs one transaction at a time, in the order of the calls", async () => {
      const steps: string[] = [];
      const one = (name: string) =>
        journal().transaction(async (tx) => {
          steps.push(`${name} begins`);
          await tx.actors(["col-1"]);
          await new Promise(setImmediate);
          steps.push(`${name} ends`);
        });
      await Promise.all([one("a"), one("b")]);
      expect(steps).to.deep.equal(["a begins", "a ends", "b begins", "b ends"]);
    });

    it("keeps receipts with outcome and fingerprint", async () => {
      const refused = {
        ...receipt("m-2", "f".repeat(64)),
        outcome: { status: "refused" as const, code: "otp_wrong", facts: { triesLeft: 4 }, version: 3 },
      };
      await write(journal(), { receipts: [receipt("m-1"), refused] });
      const known = await journal().transaction((tx) => tx.receipts(["m-1", "m-2", "m-3"]));
      expect(known.size).to.equal(2);
      expect(known.get("m-2")).to.deep.equal(refused);
      expect(known.get("m-1")).to.include({ fingerprint: null, actorId: "col-1" });
    });

    it("forgets a receipt that is over, as it was read, and takes another in its place", async () => {
      await write(journal(), { receipts: [receipt("m-1"), receipt("m-2")] });
      const { at } = receipt("m-1");
      const forgotten = [
        { messageId: "m-1", at },
        { messageId: "m-2", at: at - 1 },
      ];
      await write(journal(), { forgotten, receipts: [{ ...receipt("m-1"), at: at + 9 }] });
      const known = await journal().transaction((tx) => tx.receipts(["m-1", "m-2"]));
      expect([known.get("m-1")?.at, known.get("m-2")?.at]).to.deep.equal([at + 9, at]);
    });

    it("refuses a second receipt of one message", async () => {
      await write(journal(), { receipts: [receipt("m-1")] });
      expect(await thrownBy(write(journal(), { receipts: [receipt("m-1")] }))).to.be.instanceOf(
        VersionConflict,
      );
    });

    it("registers the link of a mail under the digest of its token only", async () => {
      const link = { purpose: "sign" as const, generation: 2 };
      const effect = { ...ordered("col-1.1.0"), payload: { kind: "mail", to: "s1", link } };
      await write(journal(), moved({ id: "col-1" }, { effects: [effect] }));
      const target = { collecteId: "col-1", personId: "s1", ...link };
      const token = store.it.secrets.linkToken(target);
      expect(await store.it.reads.link(digestOf(token))).to.deep.equal({ firmId: "firm-a", ...target });
      expect(await store.it.reads.link(token)).to.equal(undefined);
    });

    it("takes the same link twice, as when a reader is also a signatory", async () => {
      const link = { purpose: "download" as const, generation: 1 };
      const effect = (id: string) => ({ ...ordered(id), payload: { kind: "mail", to: "s1", link } });
      await write(journal(), moved({ id: "col-1" }, { effects: [effect("e-1"), effect("e-2")] }));
      expect(await journal().transaction((tx) => tx.claim({ mail: 9 }, firstInstant, 1000))).to.have.length(
        2,
      );
    });
  });
}

function receipt(messageId: string, fingerprint: string | null = null) {
  const outcome = { status: "done" as const, version: 1 };
  return { messageId, actorId: "col-1", fingerprint, outcome, at: firstInstant };
}
