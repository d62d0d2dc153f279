import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { keys, type OpenDoor, openDoor } from "./support/a-door.ts";
import { call, drafted, launched, sessionOf, uploaded } from "./support/caller.ts";

/** More looks than any test waits for. */
const never = 1_000_000;

describe("a command", () => {
  let door: OpenDoor;
  const firm = (path: string, request: Parameters<typeof call>[1] = {}) =>
    call(`${door.url}${path}`, { bearer: keys.cabinet, ...request });
  const post = (path: string, prefer = "", more: object = {}) =>
    firm(path, { method: "POST", headers: { ...(prefer && { Prefer: prefer }) }, ...more });
  const newCollecte = async () => ({
    title: "Bilan",
    documents: [await uploaded(door)],
    steps: [{ seal: true }],
  });

  beforeEach(async () => {
    door = await openDoor();
  });
  afterEach(() => door.close());

  it("has an id that tells later what became of it", async () => {
    const made = await post("/v1/collectes", "", { body: await newCollecte() });
    const id = made.headers.get("Command-Id") ?? "";
    expect(id).to.match(/^msg_/);
    const { status, json } = await firm(`/v1/commands/${id}`);
    expect([status, json]).to.deep.equal([200, { id, status: "done", collecteId: made.json.id, version: 1 }]);
  });

  it("that was refused is told with the same problem", async () => {
    const { id } = await launched(door);
    const refused = await post(`/v1/collectes/${id}/launch`);
    expect([refused.status, refused.json.code]).to.deep.equal([409, "not_draft"]);
    const commandId = refused.headers.get("Command-Id") ?? "";
    const { status, json } = await firm(`/v1/commands/${commandId}`);
    expect([status, json]).to.deep.equal([
      200,
      { id: commandId, status: "refused", collecteId: id, problem: refused.json },
    ]);
  });

  it("that nobody decides in time is answered 202, with where to look", async () => {
    door.engine.late = never;
    const { status, json, headers } = await post("/v1/collectes", "wait=0", { body: await newCollecte() });
    expect(status).to.equal(202);
    expect(json).to.deep.equal({ id: json.id, status: "accepted", commandId: headers.get("Command-Id") });
    expect(json.id).to.match(/^col_/);
    const location = headers.get("Location") ?? "";
    expect(location).to.equal(`/v1/commands/${json.commandId}`);
    const waiting = await firm(location);
    expect(waiting.json).to.deep.equal({ id: json.commandId, status: "accepted", collecteId: json.id });
    expect(waiting.headers.get("Preference-Applied")).to.equal(null);
    door.engine.late = 3;
    const decided = await firm(location, { headers: { Prefer: "wait=30" } });
    expect(decided.json).to.include({ status: "done", collecteId: json.id, version: 1 });
    expect(decided.headers.get("Preference-Applied")).to.equal("wait=30");
  });

  it("is waited for as long as the caller prefers", async () => {
    const { id } = await drafted(door);
    door.engine.late = 4;
    const { status, json, headers } = await post(`/v1/collectes/${id}/launch`, "wait=30");
    expect([status, json.state]).to.deep.equal([200, "launched"]);
    expect(headers.get("Preference-Applied")).to.equal("wait=30");
    expect(door.engine.accepted.filter(({ command }) => command.type === "LaunchCollecte")).to.have.length(1);
  });

  it("is refused as ever after it was waited for", async () => {
    const { id } = await launched(door);
    door.engine.late = 3;
    const { status, json, headers } = await post(`/v1/collectes/${id}/launch`, "wait=30");
    expect([status, json.code]).to.deep.equal([409, "not_draft"]);
    expect(headers.get("Preference-Applied")).to.equal("wait=30");
  });

  it("that waits is found by its key, and decided once", async () => {
    door.engine.late = never;
    const body = await newCollecte();
    const headers = { "Idempotency-Key": "k", Prefer: "wait=0" };
    const first = await firm("/v1/collectes", { body, headers });
    const again = await firm("/v1/collectes", { body, headers });
    expect([again.status, again.json]).to.deep.equal([202, first.json]);
    door.engine.late = 1;
    const { json } = await firm(`/v1/commands/${first.json.commandId}`);
    expect(json.status).to.equal("done");
    const last = await firm("/v1/collectes", { body, headers });
    expect([last.status, last.json.id]).to.deep.equal([201, first.json.id]);
    expect(door.engine.actors.size).to.equal(1);
  });

  it("is waited for no longer when the caller goes away", async () => {
    const { id } = await drafted(door);
    door.engine.late = never;
    let reads = 0;
    const { receipts } = door.door.reads;
    door.door.reads.receipts = (...given) => {
      reads += 1;
      return receipts(...given);
    };
    const leaving = new AbortController();
    const request = fetch(`${door.url}/v1/collectes/${id}/launch`, {
      method: "POST",
      headers: { Authorization: `Bearer ${keys.cabinet}`, Prefer: "wait=30" },
      signal: leaving.signal,
    }).catch(() => undefined);
    while (reads < 2) await sleep(5);
    leaving.abort();
    await request;
    for (let before = -1; before !== reads; ) {
      before = reads;
      await sleep(400);
    }
    expect(door.logged).to.deep.equal([]);
  });

  it("of another firm is not found, nor what never was", async () => {
    const { headers } = await post("/v1/collectes", "", { body: await newCollecte() });
    for (const id of [headers.get("Command-Id"), "msg_never", "%00", "x".repeat(2_000)]) {
      const { status, json } = await firm(`/v1/commands/${id}`, { bearer: keys.rival });
      expect([status, json.code]).to.deep.equal([404, "not_found"]);
    }
  });

  it("of a signatory has an id too, and may be waited for", async () => {
    const { id } = await launched(door);
    const session = await sessionOf(door, id, "s1");
    door.engine.late = 2;
    const { status, headers } = await call(`${door.url}/v1/signing/consent`, {
      bearer: session,
      body: {},
      headers: { Prefer: "wait=30" },
    });
    expect([status, headers.get("Preference-Applied")]).to.deep.equal([202, "wait=30"]);
    const { json } = await firm(`/v1/commands/${headers.get("Command-Id")}`);
    expect(json).to.include({ status: "done", collecteId: id });
  });

  it("that the store could not take may be asked for all the same", async () => {
    const { id } = await drafted(door);
    door.engine.failure = Object.assign(new Error("full"), { code: "SQLITE_FULL" });
    const { status, headers } = await post(`/v1/collectes/${id}/launch`);
    expect([status, (headers.get("Command-Id") ?? "").slice(0, 4)]).to.deep.equal([503, "msg_"]);
  });

  describe("with Prefer: return=minimal", () => {
    it("is answered with id and version, without any read after it", async () => {
      const body = await newCollecte();
      for (const name of ["collecte", "collectes", "history", "link", "receipts"] as const) {
        door.door.reads[name] = () => expect.fail(`read ${name}`);
      }
      const made = await post("/v1/collectes", "return=minimal", { body });
      const { id } = made.json;
      expect([made.status, made.json]).to.deep.equal([201, { id, version: 1 }]);
      expect(made.headers.get("Location")).to.equal(`/v1/collectes/${id}`);
      expect(made.headers.get("Preference-Applied")).to.equal("return=minimal");
      expect([made.headers.get("ETag"), made.headers.has("Command-Id")]).to.deep.equal(['"1"', true]);
      const sent = await post(`/v1/collectes/${id}/launch`, "return=minimal, wait=5");
      expect([sent.status, sent.json, sent.headers.get("ETag")]).to.deep.equal([
        200,
        { id, version: 2 },
        '"2"',
      ]);
      expect(sent.headers.get("Preference-Applied")).to.equal("wait=5, return=minimal");
    });

    it("is not granted where it is not known", async () => {
      const { headers, json } = await firm("/v1/collectes", { headers: { Prefer: "return=minimal" } });
      expect([headers.get("Preference-Applied"), json.items]).to.deep.equal([null, []]);
    });
  });

  describe("to launch what the firm doesn't have", () => {
    for (const id of ["col_never", "col%2F..%2F..", "x".repeat(101), "%E2%80%AE", "a%3Ab"]) {
      it(`is not found: ${id.slice(0, 20)}`, async () => {
        const { status, json } = await post(`/v1/collectes/${id}/launch`);
        expect([status, json.code]).to.deep.equal([404, "not_found"]);
        expect(door.engine.receipts.size).to.equal(0);
      });
    }

    it("is not found when it is another firm's, and leaves nothing behind", async () => {
      const { id } = await drafted(door);
      const { status } = await post(`/v1/collectes/${id}/launch`, "", { bearer: keys.rival });
      expect([status, door.engine.stateOf(id).status]).to.deep.equal([404, "draft"]);
      expect(door.engine.receipts.size).to.equal(1);
    });

    it("may be sent again under the same key once it is there", async () => {
      const body = await newCollecte();
      const keyed = (path: string, key: string, more: object = {}) =>
        firm(path, { method: "POST", headers: { "Idempotency-Key": key }, ...more });
      const { json } = await keyed("/v1/collectes", "c", { body });
      door.engine.actors.delete(json.id);
      door.engine.receipts.clear();
      expect((await keyed(`/v1/collectes/${json.id}/launch`, "l")).status).to.equal(404);
      await keyed("/v1/collectes", "c", { body });
      expect((await keyed(`/v1/collectes/${json.id}/launch`, "l")).status).to.equal(200);
    });
  });
});
