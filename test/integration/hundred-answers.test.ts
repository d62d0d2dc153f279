import { EventEmitter, once } from "node:events";
import { expect } from "chai";
import { collecteDecider } from "../../src/actors/collecte/decider.ts";
import { failureCommand } from "../../src/actors/effects/effects.ts";
import { lawsOf } from "../../src/actors/runtime/laws.ts";
import { createQueues } from "../../src/actors/runtime/queues/queues.ts";
import { createRuntime, type Runtime } from "../../src/actors/runtime/runtime.ts";
import { keys, type OpenDoor, openDoor } from "../http/support/a-door.ts";
import { call, claire, launched } from "../http/support/caller.ts";
import { onEachStore } from "../store/on-each-store.ts";
import type { OpenedStore } from "../store/open-store.ts";

const settings = {
  groupLimit: 500,
  queueLimit: 1_000,
  mailboxLimit: 1_000,
  effectsAtOnce: { sms: 1 },
  leaseMs: 10_000,
  sweepMs: 1_000,
};

onEachStore("a hundred right answers at once", (open) => {
  let opened: OpenedStore;
  let door: OpenDoor;
  let runtime: Runtime;
  let codes: EventEmitter;

  beforeEach(async () => {
    opened = await open();
    door = await openDoor();
    const { store, secrets } = opened;
    const { clock, log } = door.door;
    const { journal, reads } = store;
    const queues = createQueues({ log });
    const laws = lawsOf(collecteDecider);
    runtime = createRuntime({ journal, reads, laws, clock, log, queues, settings });
    Object.assign(door.door, { mailbox: runtime.committer, reads, secrets });
    codes = new EventEmitter();
    await runtime.start({
      handlers: {
        async sms({ row }) {
          codes.emit("sealed", row.payload["sealedCode"], row.id);
          codes.emit("code", secrets.openCode(String(row.payload["sealedCode"])));
          return undefined;
        },
      },
      failureCommand,
    });
  });
  afterEach(async () => {
    await runtime.stop();
    await door.close();
    await opened.close();
  });

  it("make one signature, over HTTP and the real store", async () => {
    const { store, secrets } = opened;
    const { id } = await launched(door, { steps: [{ signatories: [claire] }] });
    const link = { collecteId: id, personId: "s1", purpose: "sign" as const, generation: 1 };
    const exchange = { body: { token: secrets.linkToken(link) } };
    const { session } = (await call(`${door.url}/v1/signing/sessions`, exchange)).json;
    const post = (path: string, body: unknown) =>
      call(`${door.url}/v1/signing${path}`, { bearer: session, body });
    const sms = once(codes, "code");
    expect((await post("/consent", {})).status).to.equal(202);
    const [code] = await sms;
    const answers = await Promise.all(Array.from({ length: 100 }, () => post("/sign", { code })));
    const taken = answers.filter(({ status }) => status === 202);
    expect(taken).to.have.length(1);
    const refused = answers.filter(({ status }) => status === 409).map(({ json }) => json.code);
    expect(refused).to.deep.equal(Array.from({ length: 99 }, () => "signature_in_progress"));
    const { history } = (await call(`${door.url}/v1/collectes/${id}`, { bearer: keys.cabinet })).json;
    const ordered = history.filter(({ type }: { type: string }) => type === "SignatureOrdered");
    expect(ordered).to.have.length(1);
    expect(await store.reads.recordIsWhole(id)).to.equal(true);
  });

  it("leave nothing of a code in any table once its SMS has gone, not even encrypted", async () => {
    const { id } = await launched(door, { steps: [{ signatories: [claire] }] });
    const { secrets, store, beside } = opened;
    const link = { collecteId: id, personId: "s1", purpose: "sign" as const, generation: 1 };
    const exchange = { body: { token: secrets.linkToken(link) } };
    const { session } = (await call(`${door.url}/v1/signing/sessions`, exchange)).json;
    const taken = once(codes, "sealed");
    await call(`${door.url}/v1/signing/consent`, { bearer: session, body: {} });
    const [sealedCode, effectId] = (await taken) as [string, string];
    while (await store.reads.effect(effectId)) await new Promise((soon) => setTimeout(soon, 10));
    const rows = await beside(async ({ reader }) => {
      const tables = ["actors", "events", "mailbox", "receipts", "outbox", "dead_letters", "links", "timers"];
      return (await Promise.all(tables.map((table) => reader.all(`SELECT * FROM ${table}`)))).flat();
    });
    const kept = JSON.stringify(rows);
    expect(kept).to.include("OtpIssued");
    for (const word of [sealedCode, secrets.openCode(sealedCode), secrets.linkToken(link), session])
      expect(new RegExp(`\\b${word}\\b`).test(kept)).to.equal(false);
  });

  it("leave a reminder possible, whose link is there already", async () => {
    const { store, secrets } = opened;
    const { id } = await launched(door, { steps: [{ signatories: [claire] }] });
    for (let i = 0; i < 2; i++) {
      const url = `${door.url}/v1/collectes/${id}/reminders`;
      expect((await call(url, { method: "POST", bearer: keys.cabinet })).status).to.equal(200);
    }
    const link = { collecteId: id, personId: "s1", purpose: "sign" as const, generation: 1 };
    const exchange = { body: { token: secrets.linkToken(link) } };
    expect((await call(`${door.url}/v1/signing/sessions`, exchange)).status).to.equal(201);
    const { state } = (await store.reads.collecte("frm_cabinet", id)) ?? expect.fail("no collecte");
    expect(state.expiresAt).to.equal(door.clock.instant + 45 * 86_400_000);
  });
});
