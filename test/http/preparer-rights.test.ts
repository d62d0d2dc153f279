import { expect } from "chai";
import type { FirmSettings, Right } from "../../src/actors/runtime/ports.ts";
import { expert, keys, type OpenDoor, openDoor } from "./support/a-door.ts";
import { call, claire, drafted, type Json, launched, lukasz, uploaded } from "./support/caller.ts";

const karim = {
  role: "collaborator" as const,
  firstName: "Karim",
  lastName: "Benali",
  email: "karim@lemoine.example",
  phone: "+33612345671",
};

describe("what is ordered by a member", () => {
  let door: OpenDoor;
  const as = (member: string, method: string, path: string, body?: unknown) =>
    call(`${door.url}/v1/${path}`, {
      method,
      bearer: keys.cabinet,
      body,
      headers: { "Acting-Member": member },
    });
  const karimMay = async (rights: Right[], documentTypes?: string[]) => {
    const { staff } = door.door;
    const delegation = {
      expertId: expert.id,
      memberId: "mem_karim",
      rights,
      ...(documentTypes && { documentTypes }),
      givenBy: { memberId: expert.id },
    };
    const given = await staff.delegate("frm_cabinet", { id: `del_${rights.join()}` }, delegation);
    if (!given.ok) throw new Error(given.code);
  };

  beforeEach(async () => {
    door = await openDoor();
    await door.door.staff.addMember("frm_cabinet", { id: "mem_karim" }, karim);
  });
  afterEach(() => door.close());

  it("names the program, the member and the delegation on the record", async () => {
    await karimMay(["prepare", "launch", "seal"]);
    const body = {
      title: "Bilan",
      documents: [await uploaded(door)],
      steps: [{ signatories: [claire] }, { seal: true }],
    };
    const made = await as("mem_karim", "POST", "collectes", body);
    expect(made.status).to.equal(201);
    const by = { keyId: "key_cabinet", memberId: "mem_karim", delegationId: "del_prepare,launch,seal" };
    expect(made.json.preparer).to.deep.equal(by);
    await as("mem_karim", "POST", `collectes/${made.json.id}/launch`);
    const { json } = await as(expert.id, "POST", `collectes/${made.json.id}/reminders`);
    expect(json.state).to.equal("launched");
    const { history } = (await as(expert.id, "GET", `collectes/${made.json.id}`)).json;
    const who = Object.fromEntries(history.map((event: Json) => [event.type, event.by]));
    expect(who).to.deep.include({ CollecteCreated: by, CollecteLaunched: by });
    expect(who["SignatoriesReminded"]).to.deep.equal({ keyId: "key_cabinet", memberId: expert.id });
  });

  it("needs `prepare` for a draft, of its document type", async () => {
    await karimMay(["prepare"], ["bilan"]);
    const body = { title: "x", documents: [await uploaded(door)], steps: [{ signatories: [claire] }] };
    const typed = await as("mem_karim", "POST", "collectes", { ...body, documentType: "bilan" });
    expect([typed.status, typed.json.documentType]).to.deep.equal([201, "bilan"]);
    const other = await as("mem_karim", "POST", "collectes", { ...body, documentType: "mandat" });
    expect([other.status, other.json.code, other.json.right]).to.deep.equal([
      403,
      "right_missing",
      "prepare",
    ]);
    const cancelled = await as("mem_karim", "POST", `collectes/${typed.json.id}/cancellation`, {
      reason: "Doublon",
    });
    expect(cancelled.json.state).to.equal("cancelled");
  });

  const acts: [string, string, unknown][] = [
    ["PUT", "steps", { steps: [{ signatories: ["s2"] }, { signatories: ["s1"] }] }],
    ["POST", "signatories/s1/replacement", lukasz],
    ["PATCH", "people/s1", { email: "autre@client.example" }],
    ["POST", "reminders", undefined],
    ["POST", "cancellation", { reason: "Erreur" }],
    ["POST", "signatories/s1/unlock", undefined],
  ];
  for (const [method, path, body] of acts) {
    it(`needs \`launch\` for ${method} …/${path}, since it reaches those who sign`, async () => {
      const steps = [{ signatories: [claire] }, { signatories: [lukasz] }];
      const { id } = await launched(door, { steps });
      await karimMay(["prepare"]);
      const version = door.engine.actors.get(id)?.version;
      const refused = await as("mem_karim", method, `collectes/${id}/${path}`, body);
      expect([refused.status, refused.json.right]).to.deep.equal([403, "launch"]);
      expect(door.engine.actors.get(id)?.version).to.equal(version);
      await karimMay(["launch"]);
      expect((await as("mem_karim", method, `collectes/${id}/${path}`, body)).status).to.equal(200);
    });
  }

  it("needs `seal` to launch what the firm will seal without asking anybody", async () => {
    await karimMay(["launch"]);
    const alone = await drafted(door, { steps: [{ signatories: [claire] }, { seal: true }] });
    const refused = await as("mem_karim", "POST", `collectes/${alone.id}/launch`);
    expect([refused.status, refused.json.right]).to.deep.equal([403, "seal"]);
    const approved = await drafted(door, {
      steps: [{ signatories: [claire] }, { seal: true, approver: expert.id }],
    });
    expect((await as("mem_karim", "POST", `collectes/${approved.id}/launch`)).status).to.equal(200);
  });

  it("is refused in a list at its own place, the rest is done", async () => {
    await karimMay(["launch"], ["bilan"]);
    const steps = [{ signatories: [claire] }];
    const one = await launched(door, { steps, documentType: "bilan" });
    const other = await launched(door, { steps, documentType: "mandat" });
    const commands = [one, other, { id: "col_never" }].map(({ id }) => ({ type: "remind", collecteId: id }));
    const { json } = await as("mem_karim", "POST", "commands", { commands });
    expect(json.results.map((result: Json) => result.problem?.code ?? result.status)).to.deep.equal([
      "done",
      "right_missing",
      "not_found",
    ]);
  });

  describe("a plan", () => {
    const firmWith = (settings: FirmSettings) => {
      const { directory } = door.door;
      const firm = directory.firm.bind(directory);
      directory.firm = async (id) => {
        const known = await firm(id);
        return known && { ...known, settings };
      };
    };

    it("may have clients and members in one step, and a seal that waits for its approver", async () => {
      const { json } = await call(`${door.url}/v1/collectes/${await plan()}`, { bearer: keys.cabinet });
      const [first, second] = json.steps;
      expect(first.signatories.map(({ id, member, lastName }: Json) => [id, member, lastName])).to.deep.equal(
        [
          ["s1", undefined, "Dubœuf"],
          ["s2", "mem_karim", "Benali"],
        ],
      );
      expect(second).to.deep.equal({
        seal: true,
        key: 1,
        approver: expert.id,
        approverPerson: "a1",
        status: "waiting",
      });
    });

    async function plan(): Promise<string> {
      const steps = [{ signatories: [claire, { member: "mem_karim" }] }, { seal: true, approver: expert.id }];
      return (await drafted(door, { steps })).id;
    }

    for (const [what, steps, status, field, code] of [
      [
        "a member twice in one step",
        [{ signatories: [{ member: "mem_karim" }, { member: "mem_karim" }] }],
        422,
        "steps/0/signatories/1/member",
        "member_duplicate",
      ],
      [
        "another firm's member",
        [{ signatories: [claire, { member: "mem_other" }] }],
        404,
        "steps/0/signatories/1/member",
        "member_unknown",
      ],
      [
        "another firm's approver",
        [{ seal: true, approver: "mem_other" }],
        404,
        "steps/0/approver",
        "member_unknown",
      ],
    ] as const) {
      it(`never has ${what}`, async () => {
        const body = { title: "x", documents: [await uploaded(door)], steps };
        const answer = await call(`${door.url}/v1/collectes`, { bearer: keys.cabinet, body });
        const { json } = answer;
        expect([answer.status, json.errors?.[0].field, json.errors?.[0].code]).to.deep.equal([
          status,
          field,
          code,
        ]);
      });
    }

    it("keeps what the firm had chosen when it was made, or what it says itself", async () => {
      const reminders = { everyDays: 3, most: 2 };
      firmWith({ reflectionMinutes: 60, evidenceYears: 10, reminders, fetches: true });
      const { id } = await drafted(door);
      expect(door.engine.stateOf(id).terms).to.deep.equal({
        reflectionMs: 3_600_000,
        evidenceYears: 10,
        reminders,
        delivery: "fetched",
      });
      const own = await drafted(door, { reminders: { everyDays: 5, most: 1 } });
      expect(door.engine.stateOf(own.id).terms?.reminders).to.deep.equal({ everyDays: 5, most: 1 });
      const none = await drafted(door, { reminders: { everyDays: 1, most: 0 } });
      expect(door.engine.stateOf(none.id).terms).not.to.have.property("reminders");
      firmWith({ fetches: true, delivery: { kind: "folder", path: "/srv/x" } });
      expect(door.engine.stateOf((await drafted(door)).id).terms).to.deep.equal({ delivery: "pushed" });
      expect(door.engine.stateOf(id).terms?.evidenceYears).to.equal(10);
      const shown = await launched(door, { reminders });
      expect(shown.reminders).to.deep.equal({ ...reminders, nextAt: "2025-12-04T09:00:00.000Z" });
    });
  });
});
