import { expect } from "chai";
import { claim, moved, firstInstant as now, ordered, write } from "../changes.ts";
import { eachOpened, type Opened } from "./subject.ts";

export function describeOutbox(open: () => Promise<Opened>): void {
  describe("the outbox", () => {
    const store = eachOpened(open);
    const journal = () => store.it.journal;
    const ids = (claimed: { id: string }[]) => claimed.map(({ id }) => id).sort();
    const order = (...effects: ReturnType<typeof ordered>[]) =>
      write(journal(), moved({ id: "col-1" }, { effects }));
    const many = (firmId: string, count: number) =>
      Array.from({ length: count }, (_, i) => ordered(`${firmId}-${String(i).padStart(3, "0")}`, { firmId }));
    const calm = { faults: 0, doubts: 0, lapses: 0 };
    const settle = (...settled: string[]) => write(journal(), { settled });

    it("leases each effect once, with its kind and its first attempt", async () => {
      await order(ordered("e-1"), ordered("e-2", { kind: "sms" }));
      expect(await claim(journal(), now, 9)).to.deep.equal([{ id: "e-1", attempts: 1, kind: "mail" }]);
      expect(await claim(journal(), now, 9)).to.deep.equal([]);
    });

    it("leases each kind under a limit of its own, so that slow mail delays no code", async () => {
      await order(...many("firm-a", 5), ordered("e-2", { kind: "sms" }));
      expect(await claim(journal(), now, 2)).to.have.length(2);
      expect(await claim(journal(), now, 2)).to.have.length(0);
      const codes = await claim(journal(), now, 2, 60_000, "sms");
      expect(codes).to.deep.equal([{ id: "e-2", attempts: 1, kind: "sms" }]);
    });

    it("leases what the same transaction has just ordered", async () => {
      const claimed = await journal().transaction(async (tx) => {
        await tx.write(moved({ id: "col-1" }, { effects: [ordered("e-1")] }));
        return tx.claim({ mail: 9 }, now, 1000);
      });
      expect(ids(claimed)).to.deep.equal(["e-1"]);
    });

    it("counts what is leased already against the limit", async () => {
      await order(...many("firm-a", 5));
      expect(await claim(journal(), now, 2)).to.have.length(2);
      expect(await claim(journal(), now, 2)).to.have.length(0);
      expect(await claim(journal(), now, 3)).to.have.length(1);
      expect(await claim(journal(), now, 1)).to.have.length(0);
    });

    it("is counted by kind and by what it waits for, up to so many", async () => {
      await order(...many("firm-a", 5), ordered("e-2", { kind: "sms" }));
      const [leased] = await claim(journal(), now, 1);
      await claim(journal(), now, 1, 60_000, "sms");
      await write(journal(), { buried: [{ id: "e-2", attempts: 1, error: "sms_refused" }] });
      expect(leased).to.have.property("kind", "mail");
      expect(await store.it.reads.effectCounts(["mail", "sms", "seal"], 3)).to.deep.equal({
        mail: { waiting: 3, leased: 1, dead: 0 },
        sms: { waiting: 0, leased: 0, dead: 1 },
        seal: { waiting: 0, leased: 0, dead: 0 },
      });
    });

    it("leaves alone what is due in the future", async () => {
      await order(ordered("soon", { dueAt: now + 1 }), ordered("now"));
      expect(ids(await claim(journal(), now, 9))).to.deep.equal(["now"]);
      expect(ids(await claim(journal(), now + 1, 9))).to.deep.equal(["soon"]);
    });

    it("takes the oldest first within a firm", async () => {
      await order(ordered("late", { dueAt: now }), ordered("early", { dueAt: now - 9 }), ordered("last"));
      const inOrder: string[] = [];
      for (let i = 0; i < 3; i++) {
        const [one] = await claim(journal(), now, i + 1);
        inOrder.push(one?.id ?? "");
      }
      expect(inOrder).to.deep.equal(["early", "late", "last"]);
    });

    it("goes firm by firm in turn", async () => {
      await order(...many("firm-a", 50), ...many("firm-b", 1), ...many("firm-c", 3));
      const claimed = ids(await claim(journal(), now, 6));
      const of = (firm: string) => claimed.filter((id) => id.startsWith(firm)).length;
      expect([of("firm-a"), of("firm-b"), of("firm-c")]).to.deep.equal([3, 1, 2]);
    });

    it("gives a slot that falls free to the firm that has the fewest in hand", async () => {
      await order(...many("firm-b", 50));
      await claim(journal(), now, 3);
      await write(journal(), { effects: [...many("firm-a", 9), ...many("firm-c", 9)] });
      expect(ids(await claim(journal(), now, 5))).to.deep.equal(["firm-a-000", "firm-c-000"]);
      // Firm b is next in turn, and has three in hand.
      expect(ids(await claim(journal(), now, 6))).to.deep.equal(["firm-c-001"]);
      await settle("firm-a-000");
      expect(ids(await claim(journal(), now, 6))).to.deep.equal(["firm-a-001"]);
    });

    it("starves no firm when slots are fewer than firms", async () => {
      await order(...many("firm-a", 20), ...many("firm-b", 20), ...many("firm-c", 20));
      const served: string[] = [];
      for (let i = 0; i < 9; i++) {
        const [one] = await claim(journal(), now, 1);
        served.push(one?.id.slice(0, 6) ?? "");
        await settle(one?.id ?? "");
      }
      for (const firm of ["firm-a", "firm-b", "firm-c"]) {
        expect(
          served.filter((one) => one === firm),
          served.join(),
        ).to.have.length(3);
      }
    });

    it("leases again when a lease has run out, with one attempt more", async () => {
      await order(ordered("e-1"));
      await claim(journal(), now, 9, 1000);
      expect(await claim(journal(), now + 999, 9)).to.deep.equal([]);
      expect(await claim(journal(), now + 1000, 9)).to.deep.equal([{ id: "e-1", attempts: 2, kind: "mail" }]);
    });

    it("forgets a settled effect for good", async () => {
      await order(ordered("e-1"));
      await claim(journal(), now, 9, 1000);
      await settle("e-1");
      expect(await claim(journal(), now + 5000, 9)).to.deep.equal([]);
      expect(await store.it.reads.effect("e-1")).to.equal(undefined);
    });

    it("keeps how often an effect failed for no known reason, and how often nobody could tell", async () => {
      await order(ordered("e-1"));
      await claim(journal(), now, 9);
      const postponed = [
        { id: "e-1", attempts: 1, faults: 2, doubts: 1, lapses: 3, dueAt: now, error: "odd" },
      ];
      await write(journal(), { postponed });
      await claim(journal(), now, 9);
      const { row } = (await store.it.reads.effect("e-1")) ?? expect.fail();
      expect(row).to.include({ attempts: 2, faults: 2, doubts: 1, lapses: 3 });
    });

    it("frees a lease that ends later than any may: the clock was set back", async () => {
      await order(ordered("e-1", { dueAt: now - 7_200_000 }));
      await claim(journal(), now, 9, 20_000);
      expect(await claim(journal(), now - 3_600_000, 9, 20_000)).to.have.length(1);
    });

    it("leases no more than a rate allows, whosever turn it is", async () => {
      await order(...many("firm-a", 5), ...many("firm-b", 5));
      const some = (most: number) =>
        journal().transaction((tx) => tx.claim({ mail: 9 }, now, 1000, { mail: most }));
      expect(ids(await some(2))).to.deep.equal(["firm-a-000", "firm-b-000"]);
      expect(await some(0)).to.deep.equal([]);
      expect(await some(99)).to.have.length(7);
    });

    it("leases what is due further ahead than any pause lasts: the clock was set back", async () => {
      await order(
        ordered("far", { dueAt: now + 3_700_000 }),
        ordered("near", { dueAt: now + 3_500_000 }),
        ordered("own", { dueAt: now - 1 }),
        ordered("far-b", { dueAt: now + 9e9, firmId: "firm-b" }),
      );
      expect(ids(await claim(journal(), now, 9))).to.deep.equal(["far", "far-b", "own"]);
    });

    it("prolongs the living lease of its holder, and no other", async () => {
      await order(ordered("e-1"), ordered("e-2"));
      await claim(journal(), now, 1, 1000);
      const until = (attempts: number, leaseUntil: number) => [{ id: "e-1", attempts, leaseUntil }];
      await write(journal(), { renewed: until(2, now + 9000) });
      expect((await store.it.reads.effect("e-1"))?.row).to.include({ leaseUntil: now + 1000 });
      await write(journal(), { renewed: until(1, now + 2000) });
      expect((await store.it.reads.effect("e-1"))?.row).to.include({ leaseUntil: now + 2000, attempts: 1 });
      expect(ids(await claim(journal(), now + 1999, 1))).to.deep.equal([]);
      expect(ids(await claim(journal(), now + 2000, 1))).to.deep.equal(["e-1"]);
      await write(journal(), { settled: ["e-1"] });
      await write(journal(), {
        renewed: [...until(2, now), { id: "e-2", attempts: 0, leaseUntil: now + 9e6 }],
      });
      expect(ids(await claim(journal(), now, 1))).to.deep.equal(["e-2"]);
    });

    it("prolongs in one write what is not among those that end in it", async () => {
      await order(...many("firm-a", 4));
      await claim(journal(), now, 4, 1000);
      const lease = (id: string) => ({ id, attempts: 1 });
      await write(journal(), {
        renewed: [{ ...lease("firm-a-003"), leaseUntil: now + 5000 }],
        settled: ["firm-a-000"],
        returned: [lease("firm-a-001")],
        postponed: [{ ...calm, ...lease("firm-a-002"), dueAt: now + 1, error: "away" }],
      });
      expect(ids(await claim(journal(), now + 1000, 9))).to.deep.equal(["firm-a-001", "firm-a-002"]);
    });

    it("counts the leases that ran out while an act was under way, and waits longer each time", async () => {
      await order(ordered("e-1"));
      let at = now;
      const dieWith = async (isBegun: boolean) => {
        const [one] = await claim(journal(), at, 9, 1000);
        const { id, attempts } = one ?? expect.fail(`nothing is due at ${at - now}`);
        if (isBegun) await write(journal(), { renewed: [{ id, attempts, leaseUntil: at + 1000 }] });
        at += 1000;
        const released = await journal().transaction((tx) => tx.release(["mail"], at));
        expect(released).to.deep.equal([{ kind: "mail", isBegun }]);
      };
      await dieWith(false);
      await dieWith(false);
      await dieWith(true);
      expect(await claim(journal(), at + 3999, 9)).to.deep.equal([]);
      at += 4000;
      await dieWith(true);
      expect(await claim(journal(), at + 7999, 9)).to.deep.equal([]);
      await claim(journal(), at + 8000, 9);
      expect((await store.it.reads.effect("e-1"))?.row).to.include({ lapses: 3, attempts: 5 });
    });

    it("releases only the kinds that are asked for", async () => {
      await order(ordered("e-1"), ordered("e-2", { kind: "sms" }));
      await claim(journal(), now, 9, 1000);
      await claim(journal(), now, 9, 1000, "sms");
      const release = (...kinds: string[]) => journal().transaction((tx) => tx.release(kinds, now + 1000));
      expect(await release("sms", "seal")).to.deep.equal([{ kind: "sms", isBegun: false }]);
      expect(await release("sms", "mail")).to.deep.equal([{ kind: "mail", isBegun: false }]);
      expect(await release("sms", "mail")).to.deep.equal([]);
    });

    it("keeps what is left of a rate, and forgets it with the transaction that failed", async () => {
      const bucket = { thousandths: 2_500, refilledAt: now, day: "2026-11-30", dayCount: 7 };
      const read = () => journal().transaction((tx) => tx.buckets(["mail", "sms"]));
      expect([...(await read())]).to.deep.equal([]);
      await journal().transaction((tx) => tx.keepBuckets(new Map([["mail", bucket]])));
      const later = { ...bucket, thousandths: 0, day: "2026-12-01" };
      await journal().transaction((tx) =>
        tx.keepBuckets(
          new Map([
            ["mail", later],
            ["sms", bucket],
          ]),
        ),
      );
      await journal()
        .transaction(async (tx) => {
          await tx.keepBuckets(new Map([["sms", later]]));
          throw new Error("a fault");
        })
        .catch(() => undefined);
      expect(new Map([...(await read())].sort())).to.deep.equal(
        new Map([
          ["mail", later],
          ["sms", bucket],
        ]),
      );
    });

    it("takes a lease back unused from its holder, and from nobody else", async () => {
      await order(ordered("e-1"));
      await claim(journal(), now, 9);
      await write(journal(), { returned: [{ id: "e-1", attempts: 2 }] });
      expect(await claim(journal(), now, 9)).to.deep.equal([]);
      await write(journal(), { returned: [{ id: "e-1", attempts: 1 }] });
      expect(await claim(journal(), now, 9)).to.deep.equal([{ id: "e-1", attempts: 2, kind: "mail" }]);
    });

    it("serves the firms of each kind in turn, whatever was served of another", async () => {
      const kinds = ["mail", "sms"].flatMap((kind) =>
        ["a", "b"].flatMap((firmId) =>
          [1, 2].map((n) => ordered(`${kind}-${firmId}-${n}`, { firmId, kind })),
        ),
      );
      await order(...kinds);
      const both = () => journal().transaction((tx) => tx.claim({ mail: 1, sms: 1 }, now, 1000));
      for (const firm of ["a", "b", "a"]) {
        const claimed = ids(await both());
        expect(claimed.map((id) => id.split("-")[1])).to.deep.equal([firm, firm]);
        await settle(...claimed);
      }
    });

    it("postpones for the holder of the lease", async () => {
      await order(ordered("e-1"));
      await claim(journal(), now, 9);
      await write(journal(), {
        postponed: [{ ...calm, id: "e-1", attempts: 1, dueAt: now + 500, error: "smtp_away" }],
      });
      expect(await claim(journal(), now + 499, 9)).to.deep.equal([]);
      expect(await claim(journal(), now + 500, 9)).to.deep.equal([{ id: "e-1", attempts: 2, kind: "mail" }]);
    });

    it("takes no postponement or burial from who lost the lease", async () => {
      await order(ordered("e-1"));
      await claim(journal(), now, 9, 1000);
      await claim(journal(), now + 1000, 9, 1000);
      await write(journal(), { postponed: [{ ...calm, id: "e-1", attempts: 1, dueAt: now, error: "late" }] });
      await write(journal(), { buried: [{ id: "e-1", attempts: 1, error: "late" }] });
      expect((await store.it.reads.effect("e-1"))?.row).to.include({ attempts: 2, leaseUntil: now + 2000 });
      expect(await claim(journal(), now + 1001, 9)).to.deep.equal([]);
      expect(await claim(journal(), now + 2000, 9)).to.have.length(1);
    });

    it("takes no postponement of an effect that waits", async () => {
      await order(ordered("e-1"));
      await claim(journal(), now, 9);
      const postponed = [{ ...calm, id: "e-1", attempts: 1, dueAt: now + 10, error: "away" }];
      await write(journal(), { postponed });
      await write(journal(), { postponed: postponed.map((one) => ({ ...one, dueAt: now + 9999 })) });
      expect(await claim(journal(), now + 10, 9)).to.have.length(1);
    });

    it("never leases a buried effect again", async () => {
      await order(ordered("e-1"), ordered("e-2"));
      await claim(journal(), now, 1);
      await write(journal(), { buried: [{ id: "e-1", attempts: 1, error: "no_certificate" }] });
      expect(ids(await claim(journal(), now + 999_999, 9))).to.deep.equal(["e-2"]);
    });

    it("shows an effect with its actor's state only while it is leased", async () => {
      await order(ordered("e-1"));
      expect(await store.it.reads.effect("e-1")).to.equal(undefined);
      await claim(journal(), now, 9, 1000);
      const inHand = await store.it.reads.effect("e-1");
      expect(inHand?.row).to.deep.equal({
        ...ordered("e-1"),
        actorKind: "collecte",
        ...calm,
        attempts: 1,
        leaseUntil: now + 1000,
      });
      expect(inHand?.state.personal.title).to.equal("About col-1");
      await write(journal(), { buried: [{ id: "e-1", attempts: 1, error: "x" }] });
      expect(await store.it.reads.effect("e-1")).to.equal(undefined);
      expect(await store.it.reads.effect("e-9")).to.equal(undefined);
    });
  });
}
