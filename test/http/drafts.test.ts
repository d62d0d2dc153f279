import { expect } from "chai";
import { keys, type OpenDoor, openDoor } from "./support/a-door.ts";
import { call, claire, drafted, type Json, lukasz, uploaded } from "./support/caller.ts";

const day = 86_400_000;
const karim = {
  role: "collaborator" as const,
  firstName: "Karim",
  lastName: "Benali",
  email: "karim@lemoine.example",
  phone: "+33612345671",
};

describe("a draft, through the door", () => {
  let door: OpenDoor;
  const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    call(`${door.url}/v1/${path}`, { method, bearer: keys.cabinet, body, headers });
  const plan = async (changes: Record<string, unknown> = {}) => ({
    title: "Bilan 2026",
    documents: [await uploaded(door)],
    steps: [{ signatories: [lukasz] }],
    ...changes,
  });

  beforeEach(async () => {
    door = await openDoor();
  });
  afterEach(() => door.close());

  it("is put anew, whole, and shows what it is then", async () => {
    const before = await drafted(door, { message: "Bonjour", documentType: "lettre" });
    const body = await plan({ level: "B-LT", steps: [{ signatories: [lukasz] }, { member: "mem_expert" }] });
    const { status, json, headers } = await ask("PUT", `collectes/${before.id}`, body);
    expect([status, headers.get("ETag")]).to.deep.equal([200, '"2"']);
    expect(json).to.deep.include({
      state: "draft",
      title: "Bilan 2026",
      message: "",
      level: "B-LT",
      copies: [],
    });
    expect(json).not.to.have.property("documentType");
    expect(json.documents.map((one: Json) => one.id)).to.deep.equal(body.documents);
    expect(json.steps.map((one: Json) => one.signatories[0].firstName)).to.deep.equal(["Łukasz", "Hélène"]);
    expect(json.createdAt).to.equal(before.createdAt);
    const { history } = (await ask("GET", `collectes/${before.id}`)).json;
    expect(history.at(-1)).to.deep.include({ type: "DraftRevised", by: { keyId: "key_cabinet" } });
    const launched = await ask("POST", `collectes/${before.id}/launch`);
    expect(launched.json.steps[0].signatories[0]).to.include({ firstName: "Łukasz", status: "invited" });
    const late = await ask("PUT", `collectes/${before.id}`, body);
    expect([late.status, late.json.code]).to.deep.equal([409, "not_draft"]);
  });

  it("is put anew by who read it last, and says what is wrong with it field by field", async () => {
    const { id } = await drafted(door);
    const body = await plan();
    const first = await ask("PUT", `collectes/${id}`, body, { "If-Match": '"1"' });
    const second = await ask("PUT", `collectes/${id}`, body, { "If-Match": '"1"' });
    expect([first.status, second.status, second.json.code]).to.deep.equal([200, 412, "version_changed"]);
    const wrong = await ask("PUT", `collectes/${id}`, { ...body, title: "", documents: ["doc_x"] });
    expect(wrong.json.errors.map((one: Json) => [one.field, one.code])).to.deep.equal([
      ["title", "too_short"],
    ]);
    const lost = await ask("PUT", `collectes/${id}`, { ...body, documents: ["doc_x"] });
    expect([lost.status, lost.json.errors[0].field]).to.deep.equal([404, "documents/0"]);
    const none = await ask("PUT", "collectes/col_nowhere", body);
    expect([none.status, none.json.code]).to.deep.equal([404, "not_found"]);
  });

  it("names contacts, as when it is made", async () => {
    const { id } = await drafted(door);
    const copies = [{ contact: "con_claire" }];
    const { json } = await ask("PUT", `collectes/${id}`, await plan({ copies }));
    expect(json.copies[0]).to.include({ name: "Claire Dubœuf", email: claire.email });
  });

  it("is put anew in a list of commands too", async () => {
    const { id } = await drafted(door);
    const body = await plan();
    const commands = [{ type: "revise", collecteId: id, ifVersion: 1, body }];
    const { json } = await ask("POST", "commands", { commands });
    expect(json.results[0]).to.deep.include({ status: "done", collecteId: id, version: 2 });
    expect((await ask("GET", `collectes/${id}`)).json.title).to.equal("Bilan 2026");
  });

  it("takes the right to prepare what it was and what it becomes", async () => {
    const { staff } = door.door;
    await staff.addMember("frm_cabinet", { id: "mem_karim" }, karim);
    const delegation = {
      expertId: "mem_expert",
      memberId: "mem_karim",
      rights: ["prepare" as const],
      documentTypes: ["lettre"],
      givenBy: { memberId: "mem_expert" },
    };
    await staff.delegate("frm_cabinet", { id: "del_1" }, delegation);
    const as = { "Acting-Member": "mem_karim" };
    const letter = await drafted(door, { documentType: "lettre" });
    const put = async (id: string, documentType: string) => {
      const { status, json } = await ask("PUT", `collectes/${id}`, await plan({ documentType }), as);
      return [status, json.code ?? json.documentType];
    };
    expect(await put(letter.id, "lettre")).to.deep.equal([200, "lettre"]);
    expect(await put(letter.id, "bilan")).to.deep.equal([403, "right_missing"]);
    const accounts = await drafted(door, { documentType: "bilan" });
    expect(await put(accounts.id, "lettre")).to.deep.equal([403, "right_missing"]);
  });

  it("says when it will be given up, as the firm has chosen", async () => {
    const abandonAt = async () => {
      const { json } = await ask("POST", "collectes", await plan());
      return (Date.parse(json.abandonAt) - Date.parse(json.createdAt)) / day;
    };
    expect(await abandonAt()).to.equal(90);
    await ask("PATCH", "firm", { settings: { draftDays: 7 } });
    expect(await abandonAt()).to.equal(7);
    for (const draftDays of [0, 366, 1.5]) {
      const { status } = await ask("PATCH", "firm", { settings: { draftDays } });
      expect(status).to.equal(422);
    }
  });
});
