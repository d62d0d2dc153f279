import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { Retryable } from "../../src/actors/runtime/errors.ts";
import { keys, type OpenDoor, openDoor } from "./support/a-door.ts";
import {
  aPdf,
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
  uploaded,
} from "./support/caller.ts";

describe("a firm's collectes", () => {
  let door: OpenDoor;
  const firm = (path: string, request: Parameters<typeof call>[1] = {}) =>
    call(`${door.url}${path}`, { bearer: keys.cabinet, ...request });

  beforeEach(async () => {
    door = await openDoor();
  });
  afterEach(() => door.close());

  it("is made as a draft, with ids for people in their order", async () => {
    const collecte = await drafted(door, {
      steps: [{ signatories: [claire, lukasz] }, { member: "mem_expert" }, { seal: true }],
      message: "Bonjour,\nmerci de signer.",
    });
    expect(collecte).to.include({
      state: "draft",
      language: "fr",
      currentStep: 0,
      title: "Lettre de mission 2026",
    });
    expect(collecte.id).to.match(/^col_/);
    expect(collecte.createdAt).to.equal("2025-12-01T09:00:00.000Z");
    expect(collecte.message).to.equal("Bonjour,\nmerci de signer.");
    const [first, second, third] = collecte.steps;
    expect(first.signatories.map((one: Json) => [one.id, one.phone, one.status])).to.deep.equal([
      ["s1", "+33612345678", "waiting"],
      ["s2", "+48512345678", "waiting"],
    ]);
    expect(second.signatories[0]).to.deep.equal({
      id: "s3",
      firstName: "Hélène",
      lastName: "Lemoine",
      email: "helene@lemoine.example",
      phone: "+33612345670",
      member: "mem_expert",
      status: "waiting",
      locked: false,
    });
    expect(third).to.deep.equal({ seal: true, key: 2, status: "waiting" });
    expect(collecte.copies).to.deep.equal([
      { id: "c1", name: "dg@client.example", email: "dg@client.example" },
    ]);
  });

  it("says where the new collecte is and at which version", async () => {
    const documents = [await uploaded(door)];
    const body = { title: "Bilan", documents, steps: [{ seal: true }] };
    const { headers, json } = await firm("/v1/collectes", { body });
    expect(headers.get("Location")).to.equal(`/v1/collectes/${json.id}`);
    expect(headers.get("ETag")).to.equal('"1"');
  });

  it("launches a draft, once", async () => {
    const { id } = await drafted(door);
    const first = await firm(`/v1/collectes/${id}/launch`, { method: "POST" });
    expect(first.status).to.equal(200);
    expect(first.json).to.include({ state: "launched", expiresAt: "2025-12-16T09:00:00.000Z" });
    expect(first.json.steps[0].signatories[0].status).to.equal("invited");
    const again = await firm(`/v1/collectes/${id}/launch`, { method: "POST" });
    expect([again.status, again.json.code]).to.deep.equal([409, "not_draft"]);
  });

  it("tells the whole record and none of its secrets", async () => {
    const { id } = await launched(door);
    await signed(door, await sessionOf(door, id, "s1"));
    await applyOrdered(door, id);
    const { json, headers, text } = await firm(`/v1/collectes/${id}`);
    expect(headers.get("ETag")).to.equal(`"${door.engine.actors.get(id)?.version}"`);
    expect(json.history.map((event: Json) => event.type)).to.deep.equal([
      "CollecteCreated",
      "CollecteLaunched",
      "SignatoryInvited",
      "ConsentGiven",
      "OtpIssued",
      "OtpConsumed",
      "SignatureOrdered",
      "SignatureApplied",
      "SignatoryInvited",
    ]);
    expect(json.documents[0]).to.include({ revisions: 1 });
    expect(json.documents[0].sha256).not.to.equal(json.documents[0].originalSha256);
    expect(json.steps[0].signatories[0]).to.include({
      status: "signed",
      signedAt: "2025-12-01T09:00:00.000Z",
    });
    expect(text).not.to.match(/"(mac|salt|sessionId|sealedCode|trace|linkGeneration|personal|token)"/);
  });

  it("answers 304 to a reader who knows this version", async () => {
    const { id } = await drafted(door);
    const { headers } = await firm(`/v1/collectes/${id}`);
    const again = await firm(`/v1/collectes/${id}`, {
      headers: { "If-None-Match": headers.get("ETag") ?? "" },
    });
    expect([again.status, again.text]).to.deep.equal([304, ""]);
  });

  it("lists newest first, page by page, each collecte once", async () => {
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) {
      door.clock.instant += i % 2; // some are of one millisecond
      ids.push((await drafted(door)).id);
    }
    const seen: Json[] = [];
    let cursor = "";
    for (let page = 0; page < 3; page++) {
      const { json } = await firm(`/v1/collectes?limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...json.items);
      cursor = json.nextCursor ?? "";
    }
    expect(cursor).to.equal("");
    expect(seen.map(({ id }) => id).toSorted()).to.deep.equal(ids.toSorted());
    const times = seen.map(({ createdAt }) => createdAt);
    expect(times).to.deep.equal(times.toSorted().reverse());
  });

  it("lists by status", async () => {
    const { id } = await launched(door);
    await drafted(door);
    const { json } = await firm("/v1/collectes?state=launched");
    expect(json.items.map((item: Json) => item.id)).to.deep.equal([id]);
  });

  for (const [query, field, code] of [
    ["limit=0", "limit", "too_short"],
    ["limit=101", "limit", "too_long"],
    ["limit=many", "limit", "wrong_type"],
    ["cursor=nonsense", "cursor", "cursor_invalid"],
    ["state=lost", "state", "wrong_value"],
    ["statut=draft", "statut", "unknown_field"],
  ]) {
    it(`refuses to list by ?${query}`, async () => {
      const { status, json } = await firm(`/v1/collectes?${query}`);
      expect([status, json.code, json.errors[0].field, json.errors[0].code]).to.deep.equal([
        422,
        "invalid_request",
        field,
        code,
      ]);
    });
  }

  it("downloads a document at its head, whole or in part", async () => {
    const { id, documents } = await completed(door);
    const path = `/v1/collectes/${id}/documents/${documents[0].id}`;
    const whole = await firm(path);
    const { head } = door.engine.stateOf(id).documents[0] ?? { head: "" };
    expect(whole.status).to.equal(200);
    expect(whole.headers.get("Content-Type")).to.equal("application/pdf");
    expect(whole.headers.get("Content-Disposition")).to.match(/^attachment; filename="Lettre\.pdf"/);
    expect(whole.headers.get("ETag")).to.equal(`"${head}"`);
    expect(whole.text).to.match(/^%PDF-1.7 revision of/);
    const part = await firm(path, { headers: { Range: "bytes=5-7" } });
    expect([part.status, part.text]).to.deep.equal([206, "1.7"]);
    expect(part.headers.get("Content-Range")).to.equal(`bytes 5-7/${whole.text.length}`);
    const tail = await firm(path, { headers: { Range: "bytes=-3" } });
    expect(tail.text).to.equal(whole.text.slice(-3));
    const beyond = await firm(path, { headers: { Range: "bytes=9999-" } });
    expect([beyond.status, beyond.json.code]).to.deep.equal([416, "range_not_satisfiable"]);
    expect(beyond.headers.get("ETag")).to.equal(null);
    const known = await firm(path, { headers: { "If-None-Match": `"${head}"` } });
    expect(known.status).to.equal(304);
    const head1 = await firm(path, { method: "HEAD" });
    expect([head1.status, head1.headers.get("Content-Length")]).to.deep.equal([
      200,
      String(whole.text.length),
    ]);
  });

  it("does not find a document of another collecte", async () => {
    const { documents } = await drafted(door);
    const { id } = await drafted(door);
    const { status } = await firm(`/v1/collectes/${id}/documents/${documents[0].id}`);
    expect(status).to.equal(404);
  });

  it("makes nothing of a reader who goes away in the middle", async () => {
    await door.close();
    door = await openDoor({ maxDocumentBytes: 40_000_000 });
    const pdf = Buffer.alloc(40_000_000, "%PDF-");
    const { json: document } = await firm("/v1/documents", { body: pdf });
    const { id } = await drafted(door, { documents: [document.id] });
    const leaving = new AbortController();
    const url = `${door.url}/v1/collectes/${id}/documents/${document.id}`;
    const headers = { Authorization: `Bearer ${keys.cabinet}` };
    const response = await fetch(url, { headers, signal: leaving.signal });
    await response.body?.getReader().read();
    leaving.abort();
    await sleep(50);
    expect(door.logged).to.deep.equal([]);
  });

  it("asks for patience while the store of the documents is away", async () => {
    const { id, documents } = await drafted(door);
    door.door.blobs.open = () => Promise.reject(new Retryable("blobs_unreachable"));
    const { status, json, headers } = await firm(`/v1/collectes/${id}/documents/${documents[0].id}`);
    expect([status, json.code]).to.deep.equal([503, "store_unavailable"]);
    expect(headers.get("Retry-After")).to.equal("5");
    door.door.blobs.adopt = () => Promise.reject(new Retryable("blobs_refused"));
    expect(await firm("/v1/documents", { body: await aPdf() })).to.include({ status: 503 });
    expect(await door.temporaryFiles()).to.deep.equal([]);
  });

  it("says nothing but its code when a blob is lost, and logs it", async () => {
    const { id, documents } = await drafted(door);
    await door.door.blobs.remove(documents[0].sha256);
    const { status, json, headers } = await firm(`/v1/collectes/${id}/documents/${documents[0].id}`);
    expect([status, json.code]).to.deep.equal([500, "internal"]);
    expect(headers.get("Content-Disposition")).to.equal(null);
    expect(door.logged[0]?.facts).to.include({ code: "blob_missing" });
  });

  it("waits for another process to decide, then answers as usual", async () => {
    door.engine.late = 2;
    expect((await drafted(door)).state).to.equal("draft");
  });
});
