import { expect } from "chai";
import { onEachStore } from "../../store/on-each-store.ts";
import type { OpenedStore } from "../../store/open-store.ts";
import { keys, type OpenDoor, openDoor } from "../support/a-door.ts";
import { call, type Json, uploaded } from "../support/caller.ts";

const claire = { firstName: "Claire", lastName: "Dubœuf", email: "claire@client.example" };

onEachStore("a firm's contacts", (open) => {
  let opened: OpenedStore;
  let door: OpenDoor;
  before(async () => {
    opened = await open();
    door = await openDoor({}, { contacts: opened.store.contacts });
  });
  after(async () => {
    await door.close();
    await opened.close();
  });
  beforeEach(async () => {
    for (const bearer of Object.values(keys)) {
      const { json } = await call(`${door.url}/v1/contacts?limit=100`, { bearer });
      for (const { id } of json.items)
        await call(`${door.url}/v1/contacts/${id}`, { method: "DELETE", bearer });
    }
  });

  const at = (path: string, request: Parameters<typeof call>[1] = {}) =>
    call(`${door.url}/v1/contacts${path}`, { bearer: keys.cabinet, ...request });
  const add = async (changes: object = {}): Promise<Json> => {
    const { status, json } = await at("", { body: { ...claire, ...changes } });
    expect(status, JSON.stringify(json)).to.equal(201);
    return json;
  };
  const patch = (id: string, body: object, headers: Record<string, string> = {}) =>
    at(`/${id}`, { method: "PATCH", body, headers });

  it("are added with their phone in E.164, read, changed and deleted", async () => {
    const added = await at("", { body: { ...claire, phone: "+33 06 12 34 56 78", company: "Dubœuf SARL" } });
    expect(added.status).to.equal(201);
    expect(added.json).to.include({
      ...claire,
      phone: "+33612345678",
      company: "Dubœuf SARL",
      language: "fr",
    });
    const { id } = added.json;
    expect(added.headers.get("Location")).to.equal(`/v1/contacts/${id}`);
    const read = await at(`/${id}`);
    expect([read.json, read.headers.get("ETag")]).to.deep.equal([added.json, '"1"']);
    expect((await at(`/${id}`, { headers: { "If-None-Match": '"1"' } })).status).to.equal(304);
    const changed = await patch(id, { company: null, language: "en" });
    expect(changed.json).to.include({ language: "en", version: 2, phone: "+33612345678" });
    expect(changed.json).not.to.have.property("company");
    expect((await at(`/${id}`, { method: "DELETE" })).status).to.equal(204);
    expect((await at(`/${id}`)).status).to.equal(404);
  });

  it("change only from the version that the caller saw, when it says one", async () => {
    const { id } = await add();
    expect((await patch(id, { notes: "a" }, { "If-Match": '"1"' })).json.version).to.equal(2);
    for (const tag of ['"1"', "W/1", '"x"']) {
      const late = await patch(id, { notes: "b" }, { "If-Match": tag });
      expect([late.status, late.json.code]).to.deep.equal([412, "version_changed"]);
    }
    const gone = await at(`/${id}`, { method: "DELETE", headers: { "If-Match": '"1"' } });
    expect(gone.status).to.equal(412);
    expect((await patch(id, { notes: "c" }, { "If-Match": "*" })).json.notes).to.equal("c");
  });

  it("are one a reference, else one an e-mail and name, whatever case and accents", async () => {
    const { id } = await add();
    const again = await at("", {
      body: { ...claire, firstName: "CLAIRE", lastName: "dubœuf", email: "Claire@client.example" },
    });
    expect([again.status, again.json.code]).to.deep.equal([409, "contact_exists"]);
    expect(again.headers.get("Location")).to.equal(`/v1/contacts/${id}`);
    await add({ firstName: "Paul" });
    const first = await add({ email: "other@client.example", externalId: "C1" });
    expect(
      (await at("", { body: { ...claire, email: "third@client.example", externalId: "C1" } })).status,
    ).to.equal(409);
    // The same manager of two companies.
    const second = await add({ email: "other@client.example", externalId: "C2" });
    const taken = await patch(second.id, { externalId: "C1" });
    expect([taken.status, taken.headers.get("Location")]).to.deep.equal([409, `/v1/contacts/${first.id}`]);
    expect((await patch(second.id, { externalId: null })).status).to.equal(409);
  });

  it("are added once under one Idempotency-Key, and another request under it is refused", async () => {
    const headers = { "Idempotency-Key": `once ${opened.file}`.replaceAll(" ", "-") };
    const first = await at("", { body: claire, headers });
    const both = await Promise.all([at("", { body: claire, headers }), at("", { body: claire, headers })]);
    for (const again of both) expect([again.status, again.json]).to.deep.equal([201, first.json]);
    const other = await at("", { body: { ...claire, email: "x@y.fr" }, headers });
    expect(other.json.code).to.equal("idempotency_key_reused");
    await at(`/${first.json.id}`, { method: "DELETE" });
    expect((await at("", { body: claire, headers })).status).to.equal(404);
  });

  it("come in pages by name, and by the beginning of name, e-mail, company or reference", async () => {
    await add({
      firstName: "Zoé",
      lastName: "Abel",
      email: "zoe@a.fr",
      company: "100%_Bio",
      externalId: "R-7",
    });
    await add({ firstName: "Éric", lastName: "Œuvrard", email: "eric@b.fr", company: "Bâtiment" });
    await add({ firstName: "Anna", lastName: "Abel", email: "anna@c.fr" });
    const first = await at("?limit=2");
    expect(first.json.items.map((one: Json) => one.firstName)).to.deep.equal(["Anna", "Zoé"]);
    const second = await at(`?limit=2&cursor=${first.json.nextCursor}`);
    expect(second.json.items.map((one: Json) => one.firstName)).to.deep.equal(["Éric"]);
    expect(second.json).not.to.have.property("nextCursor");
    expect((await at("?cursor=abc")).json.errors[0].code).to.equal("cursor_invalid");
    const found = async (q: string) =>
      (await at(`?q=${encodeURIComponent(q)}`)).json.items.map((one: Json) => one.firstName);
    expect(await found("abel")).to.deep.equal(["Anna", "Zoé"]);
    expect(await found("oeuvrard er")).to.deep.equal(["Éric"]);
    expect(await found("eric OEUV")).to.deep.equal(["Éric"]);
    expect(await found("ANNA@")).to.deep.equal(["Anna"]);
    expect(await found("batim")).to.deep.equal(["Éric"]);
    expect(await found("r-7")).to.deep.equal(["Zoé"]);
    expect(await found("100%_")).to.deep.equal(["Zoé"]);
    expect(await found("%")).to.deep.equal([]);
    expect(await found("bel")).to.deep.equal([]);
  });

  it("of one firm are nothing to another: neither read, listed, changed, used, exported, nor in the way", async () => {
    const mine = await add({ externalId: "C1" });
    const rival = { bearer: keys.rival };
    for (const request of [{}, { method: "PATCH", body: { notes: "x" } }, { method: "DELETE" }]) {
      expect((await at(`/${mine.id}`, { ...rival, ...request })).status).to.equal(404);
    }
    expect((await at("", rival)).json).to.deep.equal({ items: [] });
    expect((await at(".csv", rival)).text.trim().split("\r\n")).to.have.length(1);
    expect((await at("", { ...rival, body: { ...claire, externalId: "C1" } })).status).to.equal(201);
    const documents = [await uploaded(door, keys.rival)];
    const body = { title: "x", documents, steps: [{ contact: mine.id }], copies: [{ contact: mine.id }] };
    const { status, json } = await call(`${door.url}/v1/collectes`, { ...rival, body });
    expect(status).to.equal(404);
    expect(json.errors.map(({ field, code }: Json) => [field, code])).to.deep.equal([
      ["steps/0/contact", "contact_unknown"],
      ["copies/0/contact", "contact_unknown"],
    ]);
    expect((await at(`/${mine.id}`)).json).to.deep.equal(mine);
  });

  it("say which field is wrong, landlines included", async () => {
    const { json } = await at("", {
      body: { ...claire, firstName: "", email: "x", phone: "01 23 45 67 89", language: "de", nom: "y" },
    });
    expect(json.errors.map(({ field, code }: Json) => `${field} ${code}`)).to.have.members([
      "firstName too_short",
      "email email_invalid",
      "phone phone_not_mobile",
      "language wrong_value",
      "nom unknown_field",
    ]);
  });

  describe("named in a collecte", () => {
    const create = async (changes: object) => {
      const body = { title: "Bilan", documents: [await uploaded(door)], ...changes };
      return call(`${door.url}/v1/collectes`, { bearer: keys.cabinet, body });
    };
    const codes = ({ json }: Json) => json.errors.map(({ field, code }: Json) => `${field} ${code}`);

    it("are asked to sign with the values that they had then", async () => {
      const one = await add({ phone: "06 12 34 56 78" });
      const two = await add({ firstName: "Paul", phone: "06 12 34 56 79" });
      const copy = await add({ firstName: "Anne", email: "anne@client.example" });
      const other = { firstName: "Luc", lastName: "Roi", email: "luc@x.fr", phone: "0612345670" };
      const answer = await create({
        steps: [{ contact: one.id }, { signatories: [other, { contact: two.id }] }],
        copies: [{ contact: copy.id }, { email: "dg@x.fr" }],
      });
      expect(answer.status, answer.text).to.equal(201);
      await patch(one.id, { phone: "06 99 99 99 99" });
      const { personal, steps, copies } = door.engine.stateOf(answer.json.id);
      expect(steps).to.deep.equal([{ signatories: ["s1"] }, { signatories: ["s2", "s3"] }]);
      expect(personal.people["s1"]).to.deep.equal({
        ...claire,
        name: "Claire Dubœuf",
        phone: "+33612345678",
      });
      expect(personal.people["s3"]).to.include({ name: "Paul Dubœuf", phone: "+33612345679" });
      expect(copies).to.deep.equal(["c1", "c2"]);
      expect(personal.people["c1"]).to.deep.equal({ name: "Anne Dubœuf", email: "anne@client.example" });
    });

    it("are refused without a phone, twice in a step, and when they aren't there", async () => {
      const silent = await add();
      const twin = await add({ firstName: "Paul", phone: "0612345678" });
      const again = { ...claire, firstName: "Luc", phone: "0612345678" };
      const steps = [{ contact: silent.id }, { signatories: [again, { contact: twin.id }] }];
      expect(codes(await create({ steps }))).to.deep.equal(
        ["steps/1/signatories/1 email_duplicate", "steps/0/contact contact_phone_missing"].sort(),
      );
      const missing = await create({
        steps: [{ signatories: [{ contact: "con_never" }] }],
        documents: ["doc_never"],
      });
      expect(missing.status).to.equal(404);
      expect(codes(missing)).to.deep.equal([
        "steps/0/signatories/0/contact contact_unknown",
        "documents/0 document_unknown",
      ]);
      const both = await create({ steps: [{ signatories: [{ contact: twin.id }, { contact: twin.id }] }] });
      expect(codes(both)).to.deep.equal(["steps/0/signatories/1/email email_duplicate"]);
    });
  });
});
