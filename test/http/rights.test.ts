import { expect } from "chai";
import type { Delegation, Member } from "../../src/actors/runtime/ports.ts";
import { type Scope, scopeNames } from "../../src/actors/runtime/scopes.ts";
import { digestOf } from "../../src/actors/runtime/secrets.ts";
import { Problem } from "../../src/http/problem.ts";
import { rightOf } from "../../src/http/rights.ts";
import type { FirmCaller } from "../../src/http/route.ts";
import { expert, keys, type OpenDoor, openDoor } from "./support/a-door.ts";
import { call, claire, launched, sessionOf, uploaded } from "./support/caller.ts";

const karim = {
  role: "collaborator" as const,
  firstName: "Karim",
  lastName: "Benali",
  email: "karim@lemoine.example",
  phone: "+33612345671",
};

describe("the rights of a caller", () => {
  let door: OpenDoor;
  let member: Member;
  let caller: FirmCaller;
  beforeEach(async () => {
    door = await openDoor();
    const added = await door.door.staff.addMember("frm_cabinet", { id: "mem_karim" }, karim);
    member = added.ok ? added.value : expect.fail(added.code);
    const firm = (await door.door.directory.firm("frm_cabinet")) ?? expect.fail("no firm");
    caller = { keyId: "ses_1", firm, member };
  });
  afterEach(() => door.close());

  const given = async (changes: Partial<Delegation> = {}): Promise<Delegation> => {
    const delegation = {
      expertId: expert.id,
      memberId: "mem_karim",
      rights: ["prepare" as const],
      givenBy: { memberId: expert.id },
      ...changes,
    };
    const answer = await door.door.staff.delegate("frm_cabinet", { id: `del_${Math.random()}` }, delegation);
    return answer.ok ? answer.value : expect.fail(answer.code);
  };

  async function missing(right: Parameters<typeof rightOf>[2], type?: string): Promise<unknown> {
    try {
      await rightOf(door.door, caller, right, type);
    } catch (error) {
      return error instanceof Problem && error.code === "right_missing"
        ? error.facts
        : expect.fail(`${error}`);
    }
    return expect.fail("the right was there");
  }

  it("are all there for an expert", async () => {
    for (const right of ["prepare", "launch", "sign", "seal"] as const)
      expect(await rightOf(door.door, { ...caller, member: expert }, right)).to.deep.equal({
        memberId: expert.id,
      });
  });

  it("are, for a collaborator, what an expert gave, and named on the record", async () => {
    expect(await missing("prepare")).to.deep.equal({ right: "prepare" });
    const { id } = await given();
    expect(await rightOf(door.door, caller, "prepare", "mandat")).to.deep.equal({
      memberId: "mem_karim",
      delegationId: id,
    });
    expect(await missing("launch", "mandat")).to.deep.equal({ right: "launch", documentType: "mandat" });
  });

  it("hold for the document types that were named, and no others", async () => {
    await given({ documentTypes: ["mandat"] });
    await rightOf(door.door, caller, "prepare", "mandat");
    await missing("prepare", "bilan");
    await missing("prepare");
  });

  it("begin and end to the millisecond, at the act", async () => {
    const start = door.clock.instant + 1_000;
    await given({ from: start, until: start + 86_400_000 });
    await missing("prepare");
    door.clock.instant = start;
    await rightOf(door.door, caller, "prepare");
    door.clock.instant = start + 86_400_000 - 1;
    await rightOf(door.door, caller, "prepare");
    door.clock.instant = start + 86_400_000;
    await missing("prepare");
  });

  it("end when the delegation is revoked", async () => {
    const { id } = await given();
    await door.door.staff.revokeDelegation("frm_cabinet", id, { memberId: expert.id });
    await missing("prepare");
  });

  it("are those of the firm for a program of its own, which never signs", async () => {
    const { member: _, ...alone } = caller;
    const program = { ...alone, keyId: "key_cabinet", scopes: scopeNames };
    for (const right of ["prepare", "launch", "seal"] as const)
      expect(await rightOf(door.door, program, right)).to.deep.equal({ keyId: "key_cabinet" });
    caller = program;
    await missing("sign");
    expect(await rightOf(door.door, { ...program, member: expert }, "sign")).to.deep.equal({
      keyId: "key_cabinet",
      memberId: expert.id,
    });
  });
});

describe("who calls", () => {
  let door: OpenDoor;
  beforeEach(async () => {
    door = await openDoor();
    await door.door.staff.addMember("frm_cabinet", { id: "mem_karim" }, karim);
    for (const [name, memberId] of [
      ["helene", expert.id],
      ["karim", "mem_karim"],
    ] as const)
      door.people.sessions.set(digestOf(`cs_${name}`), {
        id: `mses_${name}`,
        firmId: "frm_cabinet",
        memberId,
        expiresAt: Number.POSITIVE_INFINITY,
      });
  });
  afterEach(() => door.close());

  const list = (bearer: string, headers: Record<string, string> = {}) =>
    call(`${door.url}/v1/collectes`, { bearer, headers });

  it("may be a member who has signed in, until they leave", async () => {
    expect((await list("cs_karim")).status).to.equal(200);
    await door.door.staff.leave("frm_cabinet", "mem_karim", {});
    const { status, json } = await list("cs_karim");
    expect([status, json.code]).to.deep.equal([401, "member_session_invalid"]);
  });

  for (const id of ["mem_never", "", "../x", "mem_karim'"])
    it(`may not be a program that acts for "${id}"`, async () => {
      const { status, json } = await list(keys.cabinet, { "Acting-Member": id });
      expect([status, json.code]).to.deep.equal([403, "acting_member_unknown"]);
    });

  it("may not be a program that acts for a member of another firm, or for one who left", async () => {
    expect((await list(keys.rival, { "Acting-Member": expert.id })).json.code).to.equal(
      "acting_member_unknown",
    );
    await door.door.staff.leave("frm_cabinet", "mem_karim", {});
    expect((await list(keys.cabinet, { "Acting-Member": "mem_karim" })).status).to.equal(403);
  });

  it("may not be who left and still has a link to sign by, or a session of before", async () => {
    const { id } = await launched(door, { steps: [{ member: "mem_karim" }] });
    const session = await sessionOf(door, id, "s1");
    const signing = () => call(`${door.url}/v1/signing`, { bearer: session });
    expect((await signing()).status).to.equal(200);
    await door.door.staff.leave("frm_cabinet", "mem_karim", {});
    const read = await signing();
    expect([read.status, read.json.code]).to.deep.equal([410, "link_dead"]);
    const body = { token: door.engine.tokenOf(id, "s1", "sign") };
    const opened = await call(`${door.url}/v1/signing/sessions`, { body });
    expect([opened.status, opened.json.code]).to.deep.equal([410, "link_dead"]);
  });

  it("does by a delegation what it was judged for, however the draft is revised meanwhile", async () => {
    const delegate = (rights: Delegation["rights"], documentTypes?: string[]) =>
      door.door.staff.delegate(
        "frm_cabinet",
        { id: `del_${rights}` },
        {
          ...{ expertId: expert.id, memberId: "mem_karim", rights, givenBy: { memberId: expert.id } },
          ...(documentTypes && { documentTypes }),
        },
      );
    await delegate(["prepare"]);
    await delegate(["launch"], ["lettre"]);
    const plan = { title: "Lettre", documents: [await uploaded(door)], steps: [{ signatories: [claire] }] };
    const letter = { ...plan, documentType: "lettre" };
    const launchedAs = async (revised: object) => {
      const made = await call(`${door.url}/v1/collectes`, { bearer: "cs_karim", body: letter });
      const collecteId = made.json.id;
      const commands = [
        { type: "revise", collecteId, body: revised },
        { type: "launch", collecteId },
      ];
      const { json } = await call(`${door.url}/v1/commands`, { bearer: "cs_karim", body: { commands } });
      return json.results.map(
        (one: { status: string; problem?: { code: string } }) => one.problem?.code ?? one.status,
      );
    };
    expect(await launchedAs(letter)).to.deep.equal(["done", "done"]);
    expect(await launchedAs(plan)).to.deep.equal(["done", "draft_changed"]);
    expect(await launchedAs({ ...letter, steps: [...plan.steps, { seal: true }] })).to.deep.equal([
      "done",
      "draft_changed",
    ]);
  });

  it("may not be a member who says to be another", async () => {
    expect((await list("cs_karim", { "Acting-Member": expert.id })).json.code).to.equal(
      "acting_member_unknown",
    );
    expect((await list("cs_karim", { "Acting-Member": "mem_karim" })).status).to.equal(200);
  });

  for (const [scopes, read, write, acts] of [
    [["collectes"], 200, 422, 403],
    [["read"], 200, 403, 403],
    [["contacts"], 403, 403, 403],
    [["read", "act_for_members"], 200, 403, 200],
  ] as [Scope[], number, number, number][])
    it(`with the scopes ${scopes.join(" and ")} reads: ${read}, writes: ${write}, acts for a member: ${acts}`, async () => {
      door.scopes.cabinet = scopes;
      expect((await list(keys.cabinet)).status).to.equal(read);
      const sent = await call(`${door.url}/v1/collectes`, { bearer: keys.cabinet, body: {} });
      expect(sent.status).to.equal(write);
      expect((await list(keys.cabinet, { "Acting-Member": expert.id })).status).to.equal(acts);
    });

  it("is told which scope is missing", async () => {
    door.scopes.cabinet = ["read"];
    const { json } = await call(`${door.url}/v1/collectes`, { bearer: keys.cabinet, body: {} });
    expect([json.code, json.scope]).to.deep.equal(["scope_missing", "collectes"]);
  });
});
