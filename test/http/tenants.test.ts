import { expect } from "chai";
import { nothing } from "../../src/actors/parapheur/state.ts";
import { scopeNames } from "../../src/actors/runtime/scopes.ts";
import { digestOf } from "../../src/actors/runtime/secrets.ts";
import { acts } from "../../src/http/acts.ts";
import type { Route } from "../../src/http/route.ts";
import { apiRoutes } from "../../src/http/routes.ts";
import { expert, keys, type OpenDoor, openDoor } from "./support/a-door.ts";
import { type Answer, call, claire, launched, uploaded } from "./support/caller.ts";

/** What stands behind the parameters of a path, by `segment/{parameter}`. A new one must be told here how to be filled. */
type World = Record<string, string>;

/** What a request needs so that it is judged by its path, by operation. */
const bodies: Readonly<Record<string, unknown>> = {
  changeContact: { firstName: "Zoé" },
  changeMember: { firstName: "Zoé" },
  reviseDraft: { title: "Bilan", documents: ["doc_rival"], steps: [{ seal: true }] },
  changeOrder: { steps: [{ signatories: ["s2"] }, { signatories: ["s1"] }] },
  replaceSignatory: { ...claire, phone: "+33612345678" },
  correctPerson: { email: "claire@client.example" },
  cancelCollecte: { reason: "Erreur" },
  signParapheurSession: { code: "123456" },
};

async function worldOf(door: OpenDoor): Promise<World> {
  const collecte = await launched(door);
  const member = await door.door.staff.addMember("frm_cabinet", { id: "mem_karim" }, collaborator("Karim"));
  const given = {
    expertId: expert.id,
    memberId: "mem_karim",
    rights: ["prepare" as const],
    givenBy: { memberId: expert.id },
  };
  const delegation = await door.door.staff.delegate("frm_cabinet", { id: "del_karim" }, given);
  const { key } = await door.door.keys.add("frm_cabinet", { id: "key_x" }, { name: "x", scopes: ["read"] });
  const awaited = await launched(door, { steps: [{ member: expert.id }] });
  const session = { ...nothing, status: "open" as const, firmId: "frm_cabinet", memberId: expert.id };
  door.parapheurSessions.set("pph_x", { id: "pph_x", version: 1, state: session });
  if (!member.ok || !delegation.ok) throw new Error("the world could not be made");
  return {
    "collectes/{id}": collecte.id,
    "documents/{documentId}": collecte.documents[0].id,
    "signatories/{signatoryId}": "s1",
    "people/{personId}": "s1",
    "commands/{id}": door.engine.accepted[0]?.id ?? expect.fail("no command was sent"),
    "contacts/{id}": "con_claire",
    "members/{id}": member.value.id,
    "delegations/{id}": delegation.value.id,
    "keys/{id}": key.id,
    "parapheur/{collecteId}": awaited.id,
    "documents/{id}": awaited.documents[0].id,
    "sessions/{id}": "pph_x",
  };
}

const collaborator = (firstName: string) => ({
  role: "collaborator" as const,
  firstName,
  lastName: "Benali",
  email: `${firstName.toLowerCase()}@lemoine.example`,
  phone: "+33612345671",
});

/** The path with each parameter as the world has it. */
function filled(path: string, world: World): string {
  return path.replaceAll(/(\w+)\/(\{\w+\})/g, (place, segment: string) => {
    const id = world[place];
    if (id === undefined) throw new Error(`say in tenants.test.ts what stands at ${place} of ${path}`);
    return `${segment}/${id}`;
  });
}

const ofFirms = ({ access }: Route) => access === "firm" || access === "member";
const hasParameters = ({ path }: Route) => path.includes("{");
const asked = (
  door: OpenDoor,
  route: Route,
  path: string,
  bearer?: string,
  headers = {},
): Promise<Answer> => {
  const body = bodies[route.operationId];
  return call(door.url + path, {
    method: route.method.toUpperCase(),
    headers,
    ...(bearer !== undefined && { bearer }),
    ...(body !== undefined && { body }),
  });
};

describe("what belongs to another firm", () => {
  let door: OpenDoor;
  let world: World;
  beforeEach(async () => {
    door = await openDoor();
    world = await worldOf(door);
    const document = { id: "doc_rival", firmId: "frm_rival", sha256: "a".repeat(64), bytes: 1, pages: 1 };
    door.documents.set(document.id, document);
    for (const [id, role] of [
      ["mem_rival", "expert"],
      ["mem_helper", "collaborator"],
    ] as const) {
      const person = { ...collaborator(id.slice(4)), role };
      await door.door.staff.addMember("frm_rival", { id }, person);
      door.people.sessions.set(digestOf(`cs_${id}`), {
        ...{ id: `mses_${id}`, firmId: "frm_rival", memberId: id },
        expiresAt: Number.POSITIVE_INFINITY,
      });
    }
  });
  afterEach(() => door.close());

  const routes = () => apiRoutes(door.door).filter((route) => ofFirms(route) && hasParameters(route));

  it("is there for its own firm, on every route: else the rest would prove nothing", async () => {
    for (const route of routes().filter(({ method }) => method === "get")) {
      const { status } = await asked(door, route, filled(route.path, world), keys.cabinet, {
        "Acting-Member": expert.id,
      });
      // A collecte that goes on has no evidence file yet, and its head is in no tree of the hour.
      const found = /\/(evidence|inclusion)$/.test(route.path) ? 409 : 200;
      expect([route.path, status]).to.deep.equal([route.path, found]);
    }
  });

  for (const [who, bearer, statuses] of [
    ["a program", keys.rival, [404]],
    ["an expert", "cs_mem_rival", [404]],
    ["a collaborator", "cs_mem_helper", [404, 403]],
  ] as const)
    it(`is not found by ${who}, on any route, and what never was is answered the same`, async () => {
      const never = Object.fromEntries(Object.keys(world).map((place) => [place, "xxx_never"]));
      expect(routes().length).to.be.greaterThan(10);
      const before = JSON.stringify([
        await door.door.staff.members("frm_cabinet"),
        door.engine.stateOf(world["collectes/{id}"] ?? ""),
      ]);
      for (const route of routes()) {
        // What is a member's own a program asks for in the name of one.
        const headers =
          route.access === "member" && bearer === keys.rival ? { "Acting-Member": "mem_rival" } : {};
        const theirs = await asked(door, route, filled(route.path, world), bearer, headers);
        const nobodys = await asked(door, route, filled(route.path, never), bearer, headers);
        const what = `${route.method} ${route.path}`;
        expect(statuses, what).to.include(theirs.status);
        expect([what, theirs.status, theirs.text]).to.deep.equal([what, nobodys.status, nobodys.text]);
      }
      expect(
        JSON.stringify([
          await door.door.staff.members("frm_cabinet"),
          door.engine.stateOf(world["collectes/{id}"] ?? ""),
        ]),
      ).to.equal(before);
    });

  it("can't be named in a body either", async () => {
    for (const body of [
      { expertId: expert.id, memberId: "mem_helper", rights: ["prepare"] },
      { expertId: "mem_rival", memberId: "mem_karim", rights: ["prepare"] },
    ]) {
      const never = JSON.parse(JSON.stringify(body).replace(/mem_(expert|karim)/, "mem_never"));
      const answers = [body, never].map((one) =>
        call(`${door.url}/v1/delegations`, { bearer: keys.rival, body: one }),
      );
      const [theirs, nobodys] = await Promise.all(answers);
      expect([theirs?.status, theirs?.text]).to.deep.equal([422, nobodys?.text]);
    }
  });
});

describe("ids of another firm, wherever a request may name one,", () => {
  let door: OpenDoor;
  let world: World;
  /** A rival's own collecte, to which things of the cabinet are named. */
  let own: string;
  let document: string;

  const rivals = (path: string, body?: unknown, headers: Record<string, string> = {}, method?: string) =>
    call(door.url + path, {
      bearer: keys.rival,
      headers,
      ...(body !== undefined && { body }),
      ...(method && { method }),
    });

  beforeEach(async () => {
    door = await openDoor();
    world = await worldOf(door);
    await door.door.staff.addMember(
      "frm_rival",
      { id: "mem_rival" },
      { ...collaborator("Rival"), role: "expert" },
    );
    document = await uploaded(door, keys.rival);
    own = (await rivals("/v1/collectes", order({}))).json.id;
    await rivals(`/v1/collectes/${own}/launch`, undefined, {}, "POST");
  });
  afterEach(() => door.close());

  const order = (changes: object) => ({
    title: "Lettre",
    documents: [document],
    steps: [{ signatories: [{ ...claire, phone: "+33612345678" }] }],
    ...changes,
  });

  /** What is asked with an id of the cabinet, and with one that never was: the answers must not differ. */
  async function expectTheSame(
    theirs: string,
    ask: (id: string) => Promise<Answer>,
    never = "xxx_never",
  ): Promise<Answer> {
    const before = JSON.stringify([...door.engine.actors]);
    const [told, nobodys] = [await ask(theirs), await ask(never)];
    const shape = (text: string) => text.replaceAll(theirs, never).replaceAll(/msg_\w+/g, "msg");
    expect([told.status, shape(told.text)]).to.deep.equal([nobodys.status, shape(nobodys.text)]);
    expect(JSON.stringify([...door.engine.actors])).to.equal(before);
    return told;
  }

  it("are nobody's in a new collecte: documents by id or by digest, contacts, members, approvers", async () => {
    const documentId = world["documents/{documentId}"] ?? "";
    const sha256 = door.documents.get(documentId)?.sha256 ?? expect.fail("no document");
    const never = "0".repeat(64);
    for (const [id, changes] of [
      [documentId, (one: string) => ({ documents: [one] })],
      [documentId, (one: string) => ({ documents: [document, one] })],
      [sha256, (one: string) => ({ documents: [one] })],
      ["con_claire", (contact: string) => ({ steps: [{ signatories: [{ contact }] }] })],
      ["con_claire", (contact: string) => ({ copies: [{ contact }] })],
      [expert.id, (member: string) => ({ steps: [{ member }] })],
      [expert.id, (member: string) => ({ steps: [{ signatories: [{ member }] }] })],
      [expert.id, (approver: string) => ({ steps: [{ seal: true, approver }] })],
    ] as const) {
      const ask = (one: string) => rivals("/v1/collectes", order(changes(one)));
      const told = await expectTheSame(id, ask, id === sha256 ? never : "xxx_never");
      expect([told.status, told.json.code], JSON.stringify(told.json)).to.deep.equal([404, "not_found"]);
      const list = (one: string) =>
        rivals("/v1/commands", { commands: [{ type: "create", collecte: order(changes(one)) }] });
      const { json } = await expectTheSame(id, list, id === sha256 ? never : "xxx_never");
      expect(json.results[0].problem.code).to.equal("not_found");
    }
  });

  it("are nobody's in an order about a collecte, on its route or in a list", async () => {
    const replace = (member: string) => rivals(`/v1/collectes/${own}/signatories/s1/replacement`, { member });
    expect((await expectTheSame(expert.id, replace)).status).to.equal(404);
    for (const act of acts) {
      const body = bodies[act.operationId];
      const about = act.about && { [act.about]: "s1" };
      const ask = (collecteId: string) =>
        rivals("/v1/commands", {
          commands: [{ type: act.type, collecteId, ...about, ...(act.body && { body }) }],
        });
      const { json } = await expectTheSame(world["collectes/{id}"] ?? "", ask);
      expect([act.type, json.results?.[0].problem.code], JSON.stringify(json)).to.deep.equal([
        act.type,
        "not_found",
      ]);
    }
  });

  it("are nobody's in the parapheur, in a query, or in the name of whom a program acts", async () => {
    const acting = { "Acting-Member": "mem_rival" };
    const waits = world["parapheur/{collecteId}"] ?? "";
    const documents = door.engine.stateOf(waits).documents.map(({ head }) => head);
    const session = (collecte: string) =>
      rivals(
        "/v1/parapheur/sessions",
        { consent: true, choices: [{ collecte, act: "sign", documents }] },
        acting,
      );
    expect((await expectTheSame(waits, session)).json.errors[0].code).to.equal("choice_unknown");
    const list = (expertId: string) => rivals(`/v1/parapheur?for=${expertId}`, undefined, acting);
    expect((await expectTheSame(expert.id, list)).json.code).to.equal("right_missing");
    const me = (id: string) => rivals("/v1/me", undefined, { "Acting-Member": id });
    expect((await expectTheSame(expert.id, me)).json.code).to.equal("acting_member_unknown");
  });
});

describe("every route of the firm's side", () => {
  let door: OpenDoor;
  let world: World;
  beforeEach(async () => {
    door = await openDoor();
    world = await worldOf(door);
  });
  afterEach(() => door.close());

  it("needs a live API key or session", async () => {
    const routes = apiRoutes(door.door).filter(ofFirms);
    expect(routes.length).to.be.greaterThan(20);
    for (const route of routes)
      for (const [bearer, code] of [
        [undefined, "key_invalid"],
        ["", "key_invalid"],
        ["ck_unknown", "key_invalid"],
        ["nonsense", "key_invalid"],
        [digestOf(keys.cabinet), "key_invalid"],
        ["cs_unknown", "member_session_invalid"],
      ]) {
        const { status, json, headers } = await asked(door, route, filled(route.path, world), bearer);
        expect([route.path, status, json.code]).to.deep.equal([route.path, 401, code]);
        expect(headers.get("WWW-Authenticate")).to.equal("Bearer");
      }
  });

  it("is closed to a key without its scope", async () => {
    for (const route of apiRoutes(door.door)) {
      if (route.access !== "firm") continue;
      door.scopes.cabinet = scopeNames.filter((scope) => scope !== route.scope && scope !== "read");
      const { status, json } = await asked(door, route, filled(route.path, world), keys.cabinet);
      const told = [route.path, status, json.code, json.scope];
      expect(told).to.deep.equal([route.path, 403, "scope_missing", route.scope]);
    }
  });

  it("that is a member's own is closed to a program that acts for nobody, or may not", async () => {
    for (const route of apiRoutes(door.door).filter(({ access }) => access === "member")) {
      const path = filled(route.path, world);
      const alone = await asked(door, route, path, keys.cabinet);
      expect([path, alone.status, alone.json.code]).to.deep.equal([path, 403, "member_needed"]);
      door.scopes.cabinet = scopeNames.filter((scope) => scope !== "act_for_members");
      const acting = await asked(door, route, path, keys.cabinet, { "Acting-Member": expert.id });
      expect([path, acting.status, acting.json.scope]).to.deep.equal([path, 403, "act_for_members"]);
      delete door.scopes.cabinet;
    }
  });

  it("that only experts may call is closed to collaborators", async () => {
    const only = apiRoutes(door.door).filter((route) => route.access === "firm" && route.expertsOnly);
    expect(only.length).to.be.greaterThan(5);
    for (const route of only) {
      const headers = { "Acting-Member": "mem_karim" };
      const { status, json } = await asked(door, route, filled(route.path, world), keys.cabinet, headers);
      expect([route.path, status, json.code]).to.deep.equal([route.path, 403, "expert_needed"]);
    }
  });

  it("notes that a key was used", async () => {
    await call(`${door.url}/v1/collectes`, { bearer: keys.cabinet });
    expect((door.door.keys as unknown as { uses: string[] }).uses).to.include("key_cabinet");
  });
});
