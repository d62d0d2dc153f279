import { expect } from "chai";
import type { SmsAbout, SmsReceipt } from "../../src/actors/runtime/ports.ts";
import { onEachStore } from "./on-each-store.ts";
import type { OpenedStore } from "./open-store.ts";

const day = "2026-11-23";
const now = Date.parse("2026-11-23T10:00:00Z");
const caps = { perNumber: 10, perFirm: 12 };
const about: SmsAbout = { firmId: "firm", actorId: "col_1", actorKind: "collecte", notice: "otp", to: "s1" };

onEachStore("the book of SMS", (open) => {
  let opened: OpenedStore;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened.close());

  const take = (effectId: string, number = "n", firmId = "firm", on = day) =>
    opened.store.sms.take({ effectId, firmId, about: { ...about, firmId } }, number, on, caps, now);
  const receipt = (reference: string, more: Partial<SmsReceipt> = {}): SmsReceipt => {
    return { gateway: "a", reference, status: "delivered", code: "", at: now, ...more };
  };

  it("lets ten go to a number in a day, however many ask at once in two processes, and each once", async () => {
    const other = await opened.another();
    try {
      const ids = Array.from({ length: 30 }, (_, i) => `e${i % 15}`);
      const answers = await Promise.all(
        ids.map((id, i) =>
          (i % 2 ? other : opened.store).sms.take(
            { effectId: id, firmId: `f${i % 15}` },
            "n",
            day,
            caps,
            now,
          ),
        ),
      );
      const refused = ids.filter((_, i) => answers[i] !== undefined);
      expect(new Set(ids.filter((id) => !refused.includes(id))).size).to.equal(10);
      expect(new Set(answers)).to.deep.equal(new Set([undefined, "sms_number_cap"]));
      expect(await other.sms.counts("f1", "n", day)).to.have.property("number", 10);
    } finally {
      await other.close();
    }
  });

  it("counts a firm over all of its numbers, and another day and firm anew", async () => {
    for (let i = 0; i < 12; i++) expect(await take(`e${i}`, `n${i}`)).to.equal(undefined);
    expect(await take("e12", "n12")).to.equal("sms_firm_cap");
    expect(await take("e3", "n3"), "was counted").to.equal(undefined);
    expect(await take("e13", "n12", "rival")).to.equal(undefined);
    expect(await take("e12", "n12", "firm", "2026-11-24")).to.equal(undefined);
    expect(await opened.store.sms.counts("firm", "n1", day)).to.deep.equal({ number: 1, firm: 12 });
    expect(await opened.store.sms.counts("nobody", "n1", "2026-11-25")).to.deep.equal({ number: 0, firm: 0 });
  });

  it("knows which gateway may have an SMS; one process at a time asks one", async () => {
    const { sms } = opened.store;
    await take("e1");
    expect(await sms.whereabouts("e1")).to.deep.equal({});
    expect(await Promise.all([sms.ask("e1", "a"), sms.ask("e1", "a")])).to.have.members([true, false]);
    expect(await sms.whereabouts("e1")).to.deep.equal({ gateway: "a" });
    expect([await sms.ask("e1", "b"), await sms.ask("e1", "b", "a")]).to.deep.equal([false, true]);
    await sms.release("e1", "a");
    expect(await sms.whereabouts("e1")).to.deep.equal({ gateway: "b" });
    await sms.accepted("e1", "b", "r1");
    await sms.release("e1", "b");
    expect(await sms.whereabouts("e1")).to.deep.equal({ gateway: "b", reference: "r1" });
  });

  it("knows whose SMS a receipt is about, by the gateway's name of it or by ours", async () => {
    const { sms } = opened.store;
    await take("e1");
    await sms.ask("e1", "a");
    expect(await sms.owner(receipt("e1", { isOurName: true }))).to.deep.equal({
      effectId: "e1",
      firmId: "firm",
      about,
    });
    await sms.accepted("e1", "a", "r1");
    expect(await sms.owner(receipt("r1"))).to.deep.equal({ effectId: "e1", firmId: "firm", about });
    expect(await sms.owner(receipt("r1", { gateway: "b" }))).to.equal(undefined);
  });

  it("keeps a receipt that came too early, once, until its SMS is known", async () => {
    const { sms } = opened.store;
    await take("e1");
    for (const status of ["failed", "delivered", "delivered"] as const)
      expect(await sms.owner(receipt("r1", { status }))).to.equal(undefined);
    const early = await sms.accepted("e1", "a", "r1");
    expect(early.map(({ status }) => status)).to.have.members(["failed", "delivered"]);
    expect(early[0]).to.include({ gateway: "a", reference: "r1", at: now });
    expect(await sms.accepted("e1", "a", "r1")).to.deep.equal([]);
  });

  it("believes no reference that names two SMS", async () => {
    const { sms } = opened.store;
    for (const id of ["e1", "e2"]) {
      await take(id);
      await sms.accepted(id, "a", "r1");
    }
    expect(await sms.owner(receipt("r1"))).to.equal(undefined);
  });

  it("forgets what is over, and nothing before", async () => {
    const { sms } = opened.store;
    const dayMs = 86_400_000;
    await take("e1");
    await sms.accepted("e1", "a", "r1");
    await sms.owner(receipt("r9"));
    await sms.forget(now + 2 * dayMs - 1);
    expect(await sms.counts("firm", "n", day)).to.deep.equal({ number: 1, firm: 1 });
    expect(await sms.accepted("e1", "a", "r9"), "an hour was enough").to.deep.equal([]);
    await sms.forget(now + 7 * dayMs - 1);
    expect(await sms.counts("firm", "n", day)).to.deep.equal({ number: 0, firm: 0 });
    expect(await sms.whereabouts("e1")).to.have.property("gateway", "a");
    await sms.forget(now + 7 * dayMs);
    expect(await sms.whereabouts("e1")).to.deep.equal({});
  });
});
