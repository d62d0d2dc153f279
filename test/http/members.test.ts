import { expect } from "chai";
import { expert, keys, type OpenDoor, openDoor } from "./support/a-door.ts";
import { type Answer, call } from "./support/caller.ts";

const karim = {
  role: "collaborator",
  firstName: "Karim",
  lastName: "Benali",
  email: "karim@Lemoine.example",
  phone: "06 12 34 56 71",
};

describe("the API of a firm's people", () => {
  let door: OpenDoor;
  beforeEach(async () => {
    door = await openDoor();
  });
  afterEach(() => door.close());

  const sent = (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> =>
    call(`${door.url}/v1${path}`, {
      method,
      bearer: keys.cabinet,
      headers,
      ...(body !== undefined && { body }),
    });
  const asExpert = { "Acting-Member": expert.id };

  it("adds, reads, changes and lets go a member", async () => {
    const added = await sent("POST", "/members", karim);
    expect(added.status).to.equal(201);
    const { id } = added.json;
    expect(added.json).to.deep.include({ email: "karim@lemoine.example", phone: "+33612345671", version: 1 });
    expect(added.headers.get("Location")).to.equal(`/v1/members/${id}`);
    const read = await sent("GET", `/members/${id}`);
    const stands = { isLocked: false, certificate: { status: "none" } };
    expect(read.json).to.deep.equal({ ...added.json, ...stands });
    const etag = read.headers.get("ETag") ?? "";
    const changed = await sent("PATCH", `/members/${id}`, { lastName: "B." }, { "If-Match": etag });
    expect([changed.status, changed.json.lastName, changed.json.version]).to.deep.equal([200, "B.", 2]);
    const late = await sent("PATCH", `/members/${id}`, { lastName: "C." }, { "If-Match": etag });
    expect([late.status, late.json.code]).to.deep.equal([412, "version_changed"]);
    const left = await sent("DELETE", `/members/${id}`);
    expect([left.status, left.json.leftAt]).to.deep.equal([200, "2025-12-01T09:00:00.000Z"]);
    expect((await sent("DELETE", `/members/${id}`)).json.code).to.equal("member_left");
    expect((await sent("GET", "/members")).json.items).to.have.length(2);
  });

  it("shows whose codes are locked, and whose certificate stands, to those who may mend it", async () => {
    const { reads } = door.door;
    reads.memberActs = async () => ({ locked: true }) as never;
    const { json } = await sent("GET", `/members/${expert.id}`);
    expect(json).to.deep.include({ id: expert.id, isLocked: true, certificate: { status: "none" } });
  });

  it("revokes the certificate of a member who can't do it themselves", async () => {
    const { memberCertificates } = door.door;
    const revoked: string[] = [];
    memberCertificates.revoke = async (id) => revoked.push(id) === 1;
    const path = `/members/${expert.id}/certificate/revocation`;
    const first = await sent("POST", path, undefined, asExpert);
    expect([first.status, first.json.id, revoked]).to.deep.equal([200, expert.id, [expert.id]]);
    const second = await sent("POST", path);
    expect([second.status, second.json.code]).to.deep.equal([409, "certificate_missing"]);
    const { id } = (await sent("POST", "/members", karim)).json;
    const helped = await sent("POST", path, undefined, { "Acting-Member": id });
    expect([helped.status, revoked.length]).to.deep.equal([403, 2]);
  });

  it("adds one member for one Idempotency-Key", async () => {
    const headers = { "Idempotency-Key": "once" };
    const first = await sent("POST", "/members", karim, headers);
    expect((await sent("POST", "/members", karim, headers)).json).to.deep.equal(first.json);
    const other = await sent("POST", "/members", { ...karim, firstName: "Zoé" }, headers);
    expect([other.status, other.json.code]).to.deep.equal([422, "idempotency_key_reused"]);
  });

  for (const [what, body, field] of [
    ["an expert without a roll number", { ...karim, role: "expert" }, "rollNumber"],
    ["a landline", { ...karim, phone: "01 44 00 00 00" }, "phone"],
    ["a word as a role", { ...karim, role: "boss" }, "role"],
    ["a certificate of their own", { ...karim, certificate: "x" }, "certificate"],
  ] as const)
    it(`refuses ${what}`, async () => {
      const { status, json } = await sent("POST", "/members", body);
      expect([status, json.errors[0].field]).to.deep.equal([422, field]);
    });

  it("delegates for an expert, who gives and revokes only what is theirs", async () => {
    const { id: memberId } = (await sent("POST", "/members", karim)).json;
    const lea = { ...karim, role: "expert", rollNumber: "1400", email: "lea@lemoine.example" };
    const { id: other } = (await sent("POST", "/members", lea)).json;
    const wanted = {
      memberId,
      rights: ["prepare", "launch", "prepare"],
      documentTypes: ["mandat"],
      from: "2025-12-01T00:00:00+01:00",
      until: "2026-01-01T00:00:00Z",
    };
    const given = await sent("POST", "/delegations", wanted, asExpert);
    expect(given.status).to.equal(201);
    expect(given.json).to.deep.include({
      expertId: expert.id,
      rights: ["prepare", "launch"],
      from: "2025-11-30T23:00:00.000Z",
      givenBy: { keyId: "key_cabinet", memberId: expert.id },
    });
    const path = `/delegations/${given.json.id}`;
    const alien = await sent("POST", "/delegations", { ...wanted, expertId: other }, asExpert);
    expect([alien.status, alien.json.code]).to.deep.equal([403, "delegation_of_another"]);
    expect((await sent("DELETE", path, undefined, { "Acting-Member": other })).json.code).to.equal(
      "delegation_of_another",
    );
    const seen = await sent("GET", "/delegations", undefined, { "Acting-Member": memberId });
    expect(seen.json.items).to.have.length(1);
    const revoked = await sent("DELETE", path, undefined, asExpert);
    expect([revoked.status, revoked.json.revokedBy.memberId]).to.deep.equal([200, expert.id]);
    expect((await sent("GET", path)).json).to.deep.equal(revoked.json);
  });

  it("needs to know whose rights a program gives, and dates in their order", async () => {
    const { id: memberId } = (await sent("POST", "/members", karim)).json;
    const wanted = { memberId, rights: ["prepare"] };
    expect((await sent("POST", "/delegations", wanted)).json.errors[0].field).to.equal("expertId");
    const dates = { from: "2026-01-02T00:00:00Z", until: "2026-01-02T00:00:00Z" };
    const back = await sent("POST", "/delegations", { ...wanted, ...dates }, asExpert);
    expect(back.json.errors[0].field).to.equal("until");
    expect((await sent("POST", "/delegations", { ...wanted, rights: [] }, asExpert)).status).to.equal(422);
  });

  it("shows a collaborator no delegation but their own", async () => {
    const { id: memberId } = (await sent("POST", "/members", karim)).json;
    const { id: other } = (await sent("POST", "/members", { ...karim, email: "x@lemoine.example" })).json;
    const { json } = await sent("POST", "/delegations", { memberId, rights: ["seal"] }, asExpert);
    const asOther = { "Acting-Member": other };
    expect((await sent("GET", "/delegations", undefined, asOther)).json.items).to.deep.equal([]);
    expect((await sent("GET", `/delegations/${json.id}`, undefined, asOther)).status).to.equal(404);
  });

  it("makes keys with scopes, shows them once, and gives none that the asking key has not", async () => {
    const wanted = { name: "ERP", scopes: ["read", "keys"] };
    const headers = { "Idempotency-Key": "once" };
    const made = await sent("POST", "/keys", wanted, headers);
    expect([made.status, made.json.apiKey.slice(0, 3)]).to.deep.equal([201, "ck_"]);
    expect((await sent("POST", "/keys", wanted, headers)).json).not.to.have.property("apiKey");
    expect((await sent("GET", "/keys")).json.items).to.have.length(1);
    expect((await sent("GET", "/keys")).text).not.to.include(made.json.apiKey);
    expect((await sent("DELETE", `/keys/${made.json.id}`)).json.revokedAt).to.be.a("string");
    door.scopes.cabinet = ["keys"];
    const more = await sent("POST", "/keys", { name: "more", scopes: ["keys", "firm"] });
    expect([more.status, more.json.code, more.json.scope]).to.deep.equal([403, "scope_missing", "firm"]);
    expect((await sent("POST", "/keys", { name: "x", scopes: ["everything"] })).status).to.equal(422);
  });
});

describe("a firm's settings", () => {
  let door: OpenDoor;
  beforeEach(async () => {
    door = await openDoor();
  });
  afterEach(() => door.close());

  const firm = (body?: unknown, headers: Record<string, string> = {}) =>
    call(`${door.url}/v1/firm`, {
      method: body === undefined ? "GET" : "PATCH",
      bearer: keys.cabinet,
      headers,
      ...(body !== undefined && { body }),
    });

  const s3 = {
    ...{ kind: "s3", bucket: "signed-documents", region: "fr-par", endpoint: "https://s3.example.com" },
    ...{ accessKeyId: "AKIA", secretAccessKey: "a secret of the bucket" },
  };

  it("are merged: what is not named stays, null is as the product has it", async () => {
    const settings = { evidenceYears: 10, reminders: { everyDays: 3, most: 4 }, smsCountries: ["FR", "BE"] };
    expect((await firm({ settings })).json.settings).to.deep.equal(settings);
    const { json } = await firm({ settings: { evidenceYears: null, fetches: true } });
    const { evidenceYears: _, ...rest } = settings;
    expect(json.settings).to.deep.equal({ ...rest, fetches: true });
    expect((await firm()).json).to.deep.equal(json);
    expect((await firm({ email: "new@lemoine.example" })).json.email).to.equal("new@lemoine.example");
  });

  it("say whether files may be embedded in documents", async () => {
    const { json, headers } = await firm();
    expect(json.allowsEmbeddedFiles).to.equal(false);
    expect((await firm({ allowsEmbeddedFiles: true })).json.allowsEmbeddedFiles).to.equal(true);
    expect((await firm({ settings: { fetches: true } })).json.allowsEmbeddedFiles).to.equal(true);
    const late = await firm({ allowsEmbeddedFiles: false }, { "If-Match": headers.get("ETag") ?? "" });
    expect(late.json.code).to.equal("version_changed");
  });

  it("never show the secret of the bucket, and keep it for the same bucket only", async () => {
    const { text, json } = await firm({ settings: { delivery: s3 } });
    expect(text).not.to.include("secret");
    expect(json.settings.delivery.bucket).to.equal("signed-documents");
    const { secretAccessKey: secret, ...rest } = s3;
    expect((await firm({ settings: { delivery: { ...rest, prefix: "2026" } } })).status).to.equal(200);
    const kept = await door.door.firms.read("frm_cabinet");
    expect(kept?.settings.delivery).to.deep.equal({ ...rest, prefix: "2026", secretAccessKey: secret });
    for (const change of [
      { bucket: "another" },
      { endpoint: "https://evil.example" },
      { accessKeyId: "B" },
    ]) {
      const { status, json: told } = await firm({ settings: { delivery: { ...rest, ...change } } });
      expect([status, told.errors[0].field]).to.deep.equal([422, "settings/delivery/secretAccessKey"]);
    }
  });

  it("are changed by who has read them last", async () => {
    const etag = (await firm()).headers.get("ETag") ?? "";
    expect((await firm({ settings: { fetches: true } }, { "If-Match": etag })).status).to.equal(200);
    const late = await firm({ settings: { fetches: false } }, { "If-Match": etag });
    expect([late.status, late.json.code]).to.deep.equal([412, "version_changed"]);
    expect((await firm()).json.settings).to.deep.equal({ fetches: true });
  });

  for (const settings of [
    { evidenceYears: 0 },
    { evidenceYears: 51 },
    { evidenceYears: 1.5 },
    { smsCountries: ["XX"] },
    { smsCountries: [] },
    { smsPerDay: -1 },
    { reflectionMinutes: 15 * 24 * 60 },
    { strictCodes: "yes" },
    { reminders: { everyDays: 0, most: 1 } },
    { reminders: { everyDays: 16, most: 1 } },
    { reminders: { everyDays: 1, most: 21 } },
    { delivery: { kind: "folder", path: "/etc" } },
    { delivery: { kind: "folder", path: "a/../../etc" } },
    { delivery: { kind: "folder", path: ".ssh" } },
    { delivery: { ...s3, endpoint: "http://169.254.169.254" } },
    { delivery: { kind: "ftp" } },
    { unknown: 1 },
  ])
    it(`may not be ${JSON.stringify(settings)}`, async () => {
      const { status, json } = await firm({ settings });
      expect([status, json.code]).to.deep.equal([422, "invalid_request"]);
      expect((await firm()).json.settings).to.deep.equal({});
    });
});
