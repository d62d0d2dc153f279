import { expect } from "chai";
import { keys, type OpenDoor, openDoor } from "./support/a-door.ts";
import { call, completed, launched, sessionOf } from "./support/caller.ts";

const minute = 60_000;
const day = 24 * 60 * minute;

describe("the holder of a link", () => {
  let door: OpenDoor;
  const post = (path: string, session: string, body: unknown = {}) =>
    call(`${door.url}/v1/signing${path}`, { bearer: session, body });
  const get = (path: string, session: string) => call(`${door.url}/v1/signing${path}`, { bearer: session });
  const exchange = (token: string) => call(`${door.url}/v1/signing/sessions`, { body: { token } });

  beforeEach(async () => {
    door = await openDoor();
  });
  afterEach(() => door.close());

  it("exchanges the link's token for a session of an hour", async () => {
    const { id } = await launched(door);
    const { status, json } = await exchange(door.engine.tokenOf(id, "s1"));
    expect(status).to.equal(201);
    expect(json).to.include({ purpose: "sign", expiresAt: "2025-12-01T10:00:00.000Z" });
    expect((await get("", json.session)).status).to.equal(200);
    door.clock.instant += 60 * minute;
    const late = await get("", json.session);
    expect([late.status, late.json.code]).to.deep.equal([401, "session_invalid"]);
  });

  it("is told that the link is dead in the same words as who made one up, and only then generally why", async () => {
    const { id } = await launched(door);
    const token = door.engine.tokenOf(id, "s1");
    door.clock.instant += 15 * day;
    const dead = await exchange(token);
    const unknown = await exchange("never-was");
    expect(dead.status).to.equal(410);
    expect(dead.json).to.deep.equal({ ...unknown.json, why: "ended" });
  });

  it("is put out when the link is replaced", async () => {
    const { id } = await launched(door);
    const session = await sessionOf(door, id, "s1");
    door.engine.happen(id, {
      type: "SignatoryInvited",
      signatoryId: "s1",
      linkGeneration: 2,
      at: door.clock.instant,
    });
    for (const answer of [
      await get("", session),
      await post("/consent", session),
      await exchange(door.engine.tokenOf(id, "s1")),
    ]) {
      expect([answer.status, answer.json.code]).to.deep.equal([410, "link_dead"]);
    }
  });

  it("can't read after the end of the collecte", async () => {
    const { id, documents } = await launched(door);
    const session = await sessionOf(door, id, "s1");
    await post("/refuse", session);
    expect((await get(`/documents/${documents[0].id}`, session)).status).to.equal(410);
  });

  it("needs a session that is ours", async () => {
    const { id } = await launched(door);
    const session = await sessionOf(door, id, "s1");
    const [body = "", mac = ""] = session.split(".");
    const claims = JSON.parse(Buffer.from(body, "base64url").toString());
    const forged = `${Buffer.from(JSON.stringify({ ...claims, personId: "s2" })).toString("base64url")}.${mac}`;
    for (const bearer of ["", "nonsense", `${body}.`, forged, keys.cabinet, `${session}x`]) {
      const { status, headers } = await get("", bearer);
      expect(status, bearer).to.equal(401);
      expect(headers.get("WWW-Authenticate")).to.equal("Bearer");
    }
  });
});

describe("a reader of finished documents", () => {
  let door: OpenDoor;
  beforeEach(async () => {
    door = await openDoor();
  });
  afterEach(() => door.close());

  for (const person of ["s1", "c1"]) {
    it(`downloads them by the link (${person}), and may do nothing else`, async () => {
      const { id, documents } = await completed(door);
      const bearer = await sessionOf(door, id, person, "download");
      const { json } = await call(`${door.url}/v1/signing`, { bearer });
      expect(json).to.include({ purpose: "download", state: "completed" });
      expect(json).not.to.have.any.keys("consentText", "otp");
      const pdf = await call(`${door.url}/v1/signing/documents/${documents[0].id}`, { bearer });
      expect(pdf.text).to.match(/^%PDF-1.7 revision/);
      for (const [act, body] of [
        ["consent", {}],
        ["sign", { code: "123456" }],
        ["refuse", {}],
      ]) {
        const answer = await call(`${door.url}/v1/signing/${act}`, { bearer, body });
        expect([answer.status, answer.json.code]).to.deep.equal([403, "session_cannot_sign"]);
      }
    });
  }
});
