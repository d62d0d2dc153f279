import { expect } from "chai";
import { keys, type OpenDoor, openDoor } from "./support/a-door.ts";
import {
  applyOrdered,
  call,
  claire,
  completed,
  drafted,
  type Json,
  launched,
  lukasz,
  sessionOf,
  signed,
} from "./support/caller.ts";

const day = 86_400_000;
const marie = {
  firstName: "Marie",
  lastName: "Curie",
  email: "marie@client.example",
  phone: "06 12 34 56 79",
};

describe("a preparer", () => {
  let door: OpenDoor;
  const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    call(`${door.url}/v1/collectes/${path}`, { method, bearer: keys.cabinet, body, headers });
  const read = async (id: string): Promise<Json> => (await ask("GET", id)).json;
  const lastOf = async (id: string) => (await read(id)).history.at(-1);

  beforeEach(async () => {
    door = await openDoor();
  });
  afterEach(() => door.close());

  describe("changes the order", () => {
    const steps = [{ signatories: [claire] }, { signatories: [lukasz] }, { seal: true }];

    it("of what is left, and the links that are out die at once", async () => {
      const { id } = await launched(door, { steps });
      const session = await sessionOf(door, id, "s1");
      const order = [{ signatories: ["s2"] }, { seal: true, key: 2 }, { signatories: ["s1"] }];
      const { status, json } = await ask("PUT", `${id}/steps`, { steps: order });
      expect(status).to.equal(200);
      expect(json.steps.map((one: Json) => one.signatories?.[0].id ?? one.key)).to.deep.equal([
        "s2",
        2,
        "s1",
      ]);
      expect(json.steps[0].signatories[0].status).to.equal("invited");
      const dead = await call(`${door.url}/v1/signing`, { bearer: session });
      expect([dead.status, dead.json.code, dead.json.why]).to.deep.equal([410, "link_dead", "replaced"]);
      const events = (await read(id)).history;
      expect(events.at(-2)).to.deep.include({ type: "OrderChanged", by: { keyId: "key_cabinet" } });
      expect(events.at(-2).steps).to.deep.equal(order);
    });

    it("so that two sign in any order", async () => {
      const { id } = await launched(door, { steps });
      const { json } = await ask("PUT", `${id}/steps`, {
        steps: [{ signatories: ["s1", "s2"] }, { seal: true, key: 2 }],
      });
      const [first] = json.steps;
      expect(first.signatories.map((one: Json) => one.status)).to.deep.equal(["invited", "invited"]);
    });

    it("but not by leaving anybody out", async () => {
      const { id } = await launched(door, { steps });
      const without = await ask("PUT", `${id}/steps`, { steps: [{ signatories: ["s1"] }] });
      expect([without.status, without.json.code]).to.deep.equal([409, "order_mismatch"]);
    });

    it("only of the version that it was read in", async () => {
      const { id } = await launched(door, { steps });
      const { headers } = await ask("GET", id);
      const etag = headers.get("ETag") ?? "";
      const order = { steps: [{ signatories: ["s2"] }, { signatories: ["s1"] }, { seal: true, key: 2 }] };
      await ask("POST", `${id}/reminders`);
      const late = await ask("PUT", `${id}/steps`, order, { "If-Match": etag, "Idempotency-Key": "k1" });
      expect([late.status, late.json.code]).to.deep.equal([412, "version_changed"]);
      const fresh = (await ask("GET", id)).headers.get("ETag") ?? "";
      const reused = await ask("PUT", `${id}/steps`, order, { "If-Match": fresh, "Idempotency-Key": "k1" });
      expect(reused.json.code).to.equal("idempotency_key_reused");
      const right = await ask("PUT", `${id}/steps`, order, { "If-Match": fresh });
      expect(right.status).to.equal(200);
      expect((await ask("PUT", `${id}/steps`, order, { "If-Match": "W/nonsense" })).status).to.equal(412);
      expect((await ask("PUT", `${id}/steps`, order, { "If-Match": "*" })).status).to.equal(200);
    });
  });

  describe("replaces a signatory", () => {
    it("who was invited: the link dies, and who comes is invited and can sign", async () => {
      const { id } = await launched(door, { steps: [{ signatories: [claire] }] });
      const token = door.engine.tokenOf(id, "s1");
      const { status, json } = await ask("POST", `${id}/signatories/s1/replacement`, marie);
      expect(status).to.equal(200);
      expect(json.steps[0].signatories[0]).to.include({
        id: "s2",
        email: marie.email,
        phone: "+33612345679",
      });
      expect(json.replaced).to.deep.equal([
        { id: "s1", firstName: "Claire", lastName: "Dubœuf", email: claire.email, phone: "+33612345678" },
      ]);
      const dead = await call(`${door.url}/v1/signing/sessions`, { body: { token } });
      expect([dead.status, dead.json.why]).to.deep.equal([410, "replaced"]);
      await signed(door, await sessionOf(door, id, "s2"));
      await applyOrdered(door, id);
      expect((await read(id)).state).to.equal("completed");
      const told = (await read(id)).history.find(({ type }: Json) => type === "SignatoryReplaced");
      expect(told).to.deep.include({ signatoryId: "s1", replacementId: "s2", by: { keyId: "key_cabinet" } });
      expect(told.person).to.include({ name: "Marie Curie" });
    });

    it("by a member of the firm", async () => {
      const { id } = await launched(door, { steps: [{ signatories: [claire] }] });
      const { json } = await ask("POST", `${id}/signatories/s1/replacement`, { member: "mem_expert" });
      expect(json.steps[0].signatories[0]).to.include({ member: "mem_expert", lastName: "Lemoine" });
    });

    it("never by somebody else's member, nor by who has no phone", async () => {
      const { id } = await launched(door, { steps: [{ signatories: [claire] }] });
      const stranger = await ask("POST", `${id}/signatories/s1/replacement`, { member: "mem_other" });
      expect([stranger.status, stranger.json.errors[0].code]).to.deep.equal([404, "member_unknown"]);
      const { phone: _none, ...silent } = marie;
      const mute = await ask("POST", `${id}/signatories/s1/replacement`, silent);
      expect([mute.status, mute.json.errors[0].field]).to.deep.equal([422, "phone"]);
    });
  });

  describe("corrects a person", () => {
    it("who did not get their invitation: the task is done and a new link leaves", async () => {
      const { id } = await launched(door, { steps: [{ signatories: [claire] }] });
      const old = door.engine.tokenOf(id, "s1");
      await bounced(door, id, "s1");
      expect((await read(id)).tasks).to.deep.equal([
        {
          what: "unreachable",
          todo: "correct_email",
          person: "s1",
          name: "Claire Dubœuf",
          channel: "mail",
          notice: "invitation",
          code: "mail_refused",
          at: "2025-12-01T09:00:00.000Z",
        },
      ]);
      const { status, json } = await ask("PATCH", `${id}/people/s1`, { email: "claire.d@client.example" });
      expect([status, json.tasks]).to.deep.equal([200, undefined]);
      expect(json.steps[0].signatories[0]).to.include({
        email: "claire.d@client.example",
        status: "invited",
      });
      const dead = await call(`${door.url}/v1/signing/sessions`, { body: { token: old } });
      expect(dead.json.code).to.equal("link_dead");
      await sessionOf(door, id, "s1");
    });

    it("in a phone that is read in the firm's country, until a code has gone there", async () => {
      const { id } = await launched(door, { steps: [{ signatories: [claire] }] });
      const { json } = await ask("PATCH", `${id}/people/s1`, { phone: "+33 06 12 34 56 70" });
      expect(json.steps[0].signatories[0].phone).to.equal("+33612345670");
      const session = await sessionOf(door, id, "s1");
      await call(`${door.url}/v1/signing/consent`, { bearer: session, body: {} });
      const frozen = await ask("PATCH", `${id}/people/s1`, { phone: "06 12 34 56 71" });
      expect([frozen.status, frozen.json.code]).to.deep.equal([409, "phone_frozen"]);
    });

    it("in copy after the end: the link to the documents leaves again, the old one opens nothing", async () => {
      const { id } = await completed(door);
      const old = door.engine.tokenOf(id, "c1", "download");
      const session = await sessionOf(door, id, "c1", "download");
      await ask("PATCH", `${id}/people/c1`, { email: "direction@client.example" });
      const dead = await call(`${door.url}/v1/signing/sessions`, { body: { token: old } });
      expect([dead.status, dead.json.why]).to.deep.equal([410, "replaced"]);
      expect((await call(`${door.url}/v1/signing`, { bearer: session })).status).to.equal(410);
      await sessionOf(door, id, "c1", "download");
    });

    for (const [body, field] of [
      [{}, "email"],
      [{ email: "nobody" }, "email"],
      [{ phone: "01 42 68 53 00" }, "phone"],
      [{ name: "Autre" }, "name"],
    ] as const) {
      it(`not by ${JSON.stringify(body)}`, async () => {
        const { id } = await launched(door);
        const { status, json } = await ask("PATCH", `${id}/people/s1`, body);
        expect([status, json.errors[0].field]).to.deep.equal([422, field]);
      });
    }
  });

  it("reminds those whose turn it is, by the same link; the deadline moves by 15 days from what it is", async () => {
    const { id } = await launched(door);
    const token = door.engine.tokenOf(id, "s1");
    door.clock.instant += 10 * day;
    const { status, json } = await ask("POST", `${id}/reminders`);
    expect([status, json.expiresAt]).to.deep.equal([200, "2025-12-31T09:00:00.000Z"]);
    expect(json.reminders).to.deep.equal({ lastAt: "2025-12-11T09:00:00.000Z" });
    expect(door.engine.tokenOf(id, "s1")).to.equal(token);
    const told = door.engine.effects.at(-1)?.effect;
    expect(told).to.include({ notice: "reminder", to: "s1" });
    const session = await call(`${door.url}/v1/signing/sessions`, { body: { token } });
    expect(session.status).to.equal(201);
  });

  it("cancels, with a reason, and all links die", async () => {
    const { id } = await launched(door);
    const token = door.engine.tokenOf(id, "s1");
    const { status, json } = await ask("POST", `${id}/cancellation`, { reason: "Mauvais document" });
    expect(status).to.equal(200);
    expect(json).to.include({ state: "cancelled", cancellationReason: "Mauvais document" });
    expect(json.purgeAt).to.equal("2026-01-01T09:00:00.000Z");
    expect(await lastOf(id)).to.deep.include({ reason: "Mauvais document", by: { keyId: "key_cabinet" } });
    const dead = await call(`${door.url}/v1/signing/sessions`, { body: { token } });
    expect([dead.status, dead.json.why]).to.deep.equal([410, "ended"]);
    expect(dead.text).not.to.include("Mauvais");
    const again = await ask("POST", `${id}/cancellation`, { reason: "Encore" });
    expect([again.status, again.json.code]).to.deep.equal([409, "collecte_ended"]);
    const list = await call(`${door.url}/v1/collectes?state=cancelled`, { bearer: keys.cabinet });
    expect(list.json.items).to.have.length(1);
  });

  it("can't cancel without a reason", async () => {
    const { id } = await launched(door);
    for (const body of [{}, { reason: "  " }]) {
      const { status, json } = await ask("POST", `${id}/cancellation`, body);
      expect([status, json.errors[0].field]).to.deep.equal([422, "reason"]);
    }
  });

  it("unlocks who gave too many wrong codes", async () => {
    const { id } = await launched(door);
    const session = await sessionOf(door, id, "s1");
    const post = (path: string, body: unknown) =>
      call(`${door.url}/v1/signing${path}`, { bearer: session, body });
    for (let i = 0; i < 10; i++) {
      if (i % 5 === 0) {
        door.clock.instant += 60_000;
        await post("/consent", {});
      }
      await post("/sign", { code: door.engine.lastCode() === "000000" ? "000001" : "000000" });
    }
    expect((await read(id)).tasks).to.deep.include({
      what: "locked",
      todo: "unlock",
      person: "s1",
      name: "Claire Dubœuf",
    });
    door.clock.instant += 60_000;
    expect((await post("/consent", {})).json.code).to.equal("signatory_locked");
    const { status, json } = await ask("POST", `${id}/signatories/s1/unlock`);
    expect([status, json.tasks]).to.deep.equal([200, undefined]);
    expect((await post("/consent", {})).status).to.equal(202);
  });

  it("has a failed signature tried again", async () => {
    const { id } = await launched(door, { steps: [{ seal: true }] });
    await told(door, id, { type: "RecordSigningFailure", by: { seal: 0 }, code: "no_certificate" });
    expect((await read(id)).tasks[0]).to.include({
      what: "signing_failed",
      todo: "retry",
      code: "no_certificate",
    });
    const before = door.engine.effects.length;
    expect((await ask("POST", `${id}/retry`)).status).to.equal(200);
    expect(door.engine.effects.slice(before).map(({ effect }) => effect.kind)).to.deep.equal(["seal"]);
    await applyOrdered(door, id);
    const nothing = await ask("POST", `${id}/retry`);
    expect([nothing.status, nothing.json.code]).to.deep.equal([409, "collecte_ended"]);
  });

  it("says that the firm has its documents", async () => {
    const { id } = await launched(door);
    expect((await ask("POST", `${id}/fetched`)).json.code).to.equal("not_ended");
    const done = await completed(door);
    const { status, json } = await ask("POST", `${done.id}/fetched`);
    expect([status, json.deliveredAt]).to.deep.equal([200, "2025-12-01T09:00:00.000Z"]);
    expect(await lastOf(done.id)).to.deep.include({ how: "fetched", by: { keyId: "key_cabinet" } });
  });

  it("may send the same in a list, each decided on its own", async () => {
    const { id } = await launched(door);
    const other = await drafted(door);
    const commands = [
      { type: "remind", collecteId: id },
      { type: "replace", collecteId: id, signatoryId: "s1", body: marie },
      { type: "correct", collecteId: id, personId: "c1", body: { email: "pdg@client.example" } },
      { type: "cancel", collecteId: other.id, body: { reason: "Doublon" } },
      { type: "remind", collecteId: other.id },
      { type: "reorder", collecteId: id, ifVersion: 1, body: { steps: [{ signatories: ["s2"] }] } },
      { type: "cancel", collecteId: id, body: {} },
      { type: "unlock", collecteId: id },
    ];
    const { json } = await call(`${door.url}/v1/commands`, { bearer: keys.cabinet, body: { commands } });
    expect(json.results.map((one: Json) => one.problem?.code ?? one.status)).to.deep.equal([
      "done",
      "done",
      "done",
      "done",
      "collecte_ended",
      "version_changed",
      "invalid_request",
      "invalid_request",
    ]);
    expect(json.results[6].problem.errors[0].field).to.equal("body/reason");
    expect((await read(id)).copies[0].email).to.equal("pdg@client.example");
  });

  it("is known by one key on both ways", async () => {
    const { id } = await launched(door);
    await ask("POST", `${id}/reminders`, undefined, { "Idempotency-Key": "r-1" });
    const commands = [{ type: "remind", key: "r-1", collecteId: id }];
    await call(`${door.url}/v1/commands`, { bearer: keys.cabinet, body: { commands } });
    const { history } = await read(id);
    expect(history.filter(({ type }: Json) => type === "SignatoriesReminded")).to.have.length(1);
  });
});

/** What an effect or a gateway learnt. */
async function told(door: OpenDoor, id: string, command: Record<string, unknown>): Promise<void> {
  const { firmId } = door.engine.stateOf(id);
  const at = door.clock.instant;
  const message = { id: `told-${door.engine.accepted.length}`, actorId: id, kind: "collecte", firmId };
  await door.engine.accept({ ...message, command: { ...command, at } as { type: string; at: number } });
}

function bounced(door: OpenDoor, id: string, to: string): Promise<void> {
  const notice = { effectId: "e1", channel: "mail", notice: "invitation", to, reference: "mail_refused" };
  return told(door, id, { type: "RecordNotification", ...notice, status: "failed" });
}
