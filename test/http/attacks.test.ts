import { expect } from "chai";
import { expert, keys, type OpenDoor, openDoor } from "./support/a-door.ts";
import { call, claire, drafted, type Json, launched, lukasz } from "./support/caller.ts";

/** Words that every object knows, and that our ids may look like. */
const everyObjectKnows = ["constructor", "__proto__", "toString", "valueOf", "hasOwnProperty"];

describe("a stranger, or a preparer who means harm,", () => {
  let door: OpenDoor;
  beforeEach(async () => {
    door = await openDoor();
  });
  afterEach(() => door.close());

  const ask = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
    call(`${door.url}/v1/collectes/${path}`, {
      method,
      bearer: keys.cabinet,
      body,
      ...(headers && { headers }),
    });
  const told = ({ status, json }: { status: number; json: Json }) => [status, json?.code];

  for (const id of everyObjectKnows)
    it(`finds nobody under the name ${id}`, async () => {
      const { id: collecte } = await launched(door, { steps: [{ signatories: [claire] }] });
      const before = JSON.stringify(door.engine.records.get(collecte));
      const nobody = [404, "unknown_signatory"];
      const { phone } = lukasz;
      expect(told(await ask("PATCH", `${collecte}/people/${id}`, { email: "x@evil.example" }))).to.eql(
        nobody,
      );
      expect(told(await ask("PATCH", `${collecte}/people/${id}`, { phone }))).to.eql(nobody);
      expect(told(await ask("POST", `${collecte}/signatories/${id}/replacement`, lukasz))).to.eql(nobody);
      expect(told(await ask("POST", `${collecte}/signatories/${id}/unlock`))).to.eql(nobody);
      expect(JSON.stringify(door.engine.records.get(collecte))).to.equal(before);
    });

  it("can't have the link and the code of a member, who signs with their own certificate", async () => {
    const { id } = await launched(door, { steps: [{ member: expert.id }] });
    const { phone } = claire;
    for (const theirs of [{ email: "x@evil.example" }, { phone }, { email: "x@evil.example", phone }])
      expect(told(await ask("PATCH", `${id}/people/s1`, theirs))).to.eql([409, "member_address"]);
    expect(door.engine.stateOf(id).personal.people["s1"]).to.include({
      email: expert.email,
      phone: expert.phone,
    });
    door.engine.happen(id, {
      type: "NotificationFailed",
      ...{
        effectId: "e",
        channel: "mail",
        notice: "invitation",
        to: "s1",
        reference: "x",
        at: door.clock.instant,
      },
    });
    expect((await ask("GET", id)).json.tasks[0]).to.include({ person: "s1", todo: "replace" });
    // An address that the member has changed themselves comes by another way.
    await door.door.staff.changeMember("frm_cabinet", expert.id, { email: "autre@lemoine.example" }, {});
    const { json } = await ask("POST", `${id}/signatories/s1/replacement`, { member: expert.id });
    expect(json.steps[0].signatories[0]).to.include({ id: "s2", email: "autre@lemoine.example" });
  });

  it("can't bring a seal forward that they have no right to make", async () => {
    await door.door.staff.addMember(
      "frm_cabinet",
      { id: "mem_karim" },
      {
        role: "collaborator",
        firstName: "Karim",
        lastName: "B",
        email: "k@lemoine.example",
        phone: "+33612345671",
      },
    );
    const { id } = await launched(door, { steps: [{ signatories: [claire] }, { seal: true }] });
    await door.door.staff.delegate(
      "frm_cabinet",
      { id: "del_launch" },
      { expertId: expert.id, memberId: "mem_karim", rights: ["launch"], givenBy: {} },
    );
    const steps = [{ seal: true, key: 1 }, { signatories: ["s1"] }];
    const refused = await ask("PUT", `${id}/steps`, { steps }, { "Acting-Member": "mem_karim" });
    expect([...told(refused), refused.json.right]).to.eql([403, "right_missing", "seal"]);
    expect(door.engine.stateOf(id).ordered).to.eql([]);
  });

  it("is told at once that a bucket or region names no other host", async () => {
    const key = { accessKeyId: "a", secretAccessKey: "b" };
    for (const place of [
      { bucket: "abc", region: "x.evil.example/" },
      { bucket: "abc", region: "x@evil.example" },
      { bucket: "127.0.0.1" },
      { bucket: "abc", endpoint: "http://s3.example.com" },
    ]) {
      const settings = { delivery: { kind: "s3", ...place, ...key } };
      const answer = await call(`${door.url}/v1/firm`, {
        method: "PATCH",
        bearer: keys.cabinet,
        body: { settings },
      });
      expect(answer.status, JSON.stringify(place)).to.equal(422);
    }
  });

  it("learns nothing by a cursor that was tampered with", async () => {
    await drafted(door);
    const cursor = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const places: [string, unknown][] = [
      ["collectes", { createdAt: 1, id: "col\0" }],
      ["collectes", { createdAt: 1, id: "' OR 1=1 --" }],
      ["collectes", { createdAt: 1e300, id: "col" }],
      ["contacts", { sortKey: "a\0", id: "con" }],
      ["contacts", { sortKey: "a", id: "con\0" }],
      ["parapheur", { dueAt: 1, collecteId: "col\0", act: "sign", key: "s1" }],
      ["parapheur", { dueAt: 1, collecteId: "col", act: "sign", key: "s\0" }],
    ];
    for (const [route, value] of places) {
      const url = `${door.url}/v1/${route}?cursor=${cursor(value)}`;
      const headers = { "Acting-Member": expert.id };
      const { status, json } = await call(url, { bearer: keys.cabinet, headers });
      expect([status, json.errors?.[0].code], `${route} ${JSON.stringify(value)}`).to.eql([
        422,
        "cursor_invalid",
      ]);
    }
  });
});
