import { expect } from "chai";
import { claim, moved, firstInstant as now, ordered, write } from "./changes.ts";
import { onEachStore } from "./on-each-store.ts";
import type { OpenedStore } from "./open-store.ts";

onEachStore("effects that failed for good", (open) => {
  let opened: OpenedStore;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened.close());

  async function stuck(causes: Record<string, string>): Promise<void> {
    const { journal } = opened.store;
    const payload = { kind: "sms", to: "s1", sealedCode: "a sealed code" };
    const effects = Object.keys(causes).map((id) => ({ ...ordered(id, { kind: "sms" }), payload }));
    await write(journal, moved({ id: "col-1" }, { effects }));
    await claim(journal, now, 9, 1000, "sms");
    const postponed = effects.map(({ id }) => ({
      id,
      attempts: 1,
      faults: 3,
      doubts: 1,
      lapses: 4,
      dueAt: now,
      error: "odd",
    }));
    await write(journal, { postponed });
    await claim(journal, now, 9, 1000, "sms");
    const buried = Object.entries(causes).map(([id, error]) => ({ id, attempts: 2, error }));
    await write(journal, { buried });
  }

  it("are counted by kind and cause, the most frequent first", async () => {
    const { store } = opened;
    expect(await store.stuck.causes()).to.deep.equal([]);
    await stuck({ "e-1": "refused", "e-2": "unknown_number", "e-3": "unknown_number" });
    expect(await store.stuck.causes()).to.deep.equal([
      { kind: "sms", error: "unknown_number", count: 2 },
      { kind: "sms", error: "refused", count: 1 },
    ]);
  });

  it("are due again, those of one cause or all, with their tries forgotten", async () => {
    const { store } = opened;
    await stuck({ "e-1": "refused", "e-2": "unknown_number", "e-3": "unknown_number" });
    expect(await store.stuck.retry("of_nothing")).to.equal(0);
    expect(await store.stuck.retry("refused")).to.equal(1);
    expect((await claim(store.journal, now, 9, 1000, "sms")).map(({ id }) => id)).to.deep.equal(["e-1"]);
    const { row } = (await store.reads.effect("e-1")) ?? expect.fail();
    expect(row).to.include({ attempts: 3, faults: 0, doubts: 0, lapses: 0 });
    expect(await store.stuck.retry()).to.equal(2);
    expect(await store.stuck.causes()).to.deep.equal([]);
    expect(await claim(store.journal, now, 9, 1000, "sms")).to.have.length(2);
  });

  it("keep all but the sealed code", async () => {
    const { store } = opened;
    await stuck({ "e-1": "refused" });
    await store.stuck.retry();
    await claim(store.journal, now, 9, 1000, "sms");
    const { row } = (await store.reads.effect("e-1")) ?? expect.fail();
    expect(row.payload).to.deep.equal({ kind: "sms", to: "s1" });
  });

  it("keep a text of any characters", async () => {
    const { journal, reads, stuck: ofStore } = opened.store;
    const payload = { kind: "mail", odd: "a \u0000, a \ud800 and an é" };
    await write(journal, moved({ id: "col-1" }, { effects: [{ ...ordered("e-1"), payload }] }));
    await claim(journal, now, 9);
    await write(journal, { buried: [{ id: "e-1", attempts: 1, error: "refused" }] });
    await ofStore.retry();
    await claim(journal, now, 9);
    expect((await reads.effect("e-1"))?.row.payload).to.deep.equal(payload);
  });
});
