import { expect } from "chai";
import { keys, type OpenDoor, openDoor } from "./support/a-door.ts";
import {
  applyOrdered,
  call,
  claire,
  completed,
  launched,
  lukasz,
  sessionOf,
  signed,
} from "./support/caller.ts";

/*
 * SECURITY.md, "Links", against a listening door.
 */

const day = 86_400_000;

describe("a personal link", () => {
  let door: OpenDoor;
  beforeEach(async () => {
    door = await openDoor();
  });
  afterEach(() => door.close());

  const exchange = (token: string) => call(`${door.url}/v1/signing/sessions`, { body: { token } });
  const preparer = (method: string, path: string, body?: unknown) =>
    call(`${door.url}/v1/collectes/${path}`, { method, bearer: keys.cabinet, body });
  const two = { steps: [{ signatories: [claire] }, { signatories: [lukasz] }] };

  it("is changed by no GET and no HEAD, as scanners of mails send them", async () => {
    const { id } = await launched(door);
    const token = door.engine.tokenOf(id, "s1");
    const before = door.engine.accepted.length;
    const paths = ["/sign", `/sign#${token}`, `/sign?${token}`, "/download", "/v1/signing/sessions"];
    for (const method of ["GET", "HEAD", "OPTIONS"])
      for (const path of paths) await call(door.url + path, { method, headers: { "User-Agent": "scanner" } });
    expect(door.engine.accepted.length).to.equal(before);
    const opened = await exchange(token);
    expect(opened.status).to.equal(201);
    // A session that only looks changes nothing either.
    for (const method of ["GET", "HEAD"])
      await call(`${door.url}/v1/signing`, { method, bearer: opened.json.session });
    expect(door.engine.accepted.length).to.equal(before);
  });

  it("is shown to nobody by any answer, header or log", async () => {
    const { id } = await completed(door);
    const tokens = [
      ...["s1", "s2"].map((person) => door.engine.tokenOf(id, person)),
      ...["s1", "s2", "c1"].map((person) => door.engine.tokenOf(id, person, "download")),
    ];
    const session = await sessionOf(door, id, "c1", "download");
    const answers = [
      ...(await Promise.all(
        ["", `/${id}`, `/${id}/documents.zip`].map((path) =>
          call(`${door.url}/v1/collectes${path}`, { bearer: keys.cabinet }),
        ),
      )),
      await call(`${door.url}/v1/signing`, { bearer: session }),
      await exchange(tokens[0] ?? ""),
      await exchange(tokens[4] ?? ""),
    ];
    const told = answers.map(({ text, headers }) => text + JSON.stringify([...headers])).join("\n");
    for (const token of tokens) expect(told + JSON.stringify(door.logged)).not.to.include(token);
  });

  for (const [what, act] of [
    [
      "an order change",
      (id: string) =>
        preparer("PUT", `${id}/steps`, { steps: [{ signatories: ["s2"] }, { signatories: ["s1"] }] }),
    ],
    [
      "a corrected address",
      (id: string) => preparer("PATCH", `${id}/people/s1`, { email: "autre@client.example" }),
    ],
    ["a replacement", (id: string) => preparer("POST", `${id}/signatories/s1/replacement`, lukasz)],
    ["a cancellation", (id: string) => preparer("POST", `${id}/cancellation`, { reason: "Erreur" })],
  ] as const) {
    it(`dies with ${what}, and so do its session and its code`, async () => {
      const { id } = await launched(door, two);
      const token = door.engine.tokenOf(id, "s1");
      const session = await sessionOf(door, id, "s1");
      await call(`${door.url}/v1/signing/consent`, { bearer: session, body: {} });
      const code = door.engine.lastCode();
      expect((await act(id)).status).to.equal(200);
      const [dead, late] = [
        await exchange(token),
        await call(`${door.url}/v1/signing/sign`, { bearer: session, body: { code } }),
      ];
      expect([dead.status, dead.json.code]).to.deep.equal([410, "link_dead"]);
      expect(["link_dead", "collecte_ended"]).to.include(late.json.code);
      expect(door.engine.stateOf(id).ordered).to.deep.equal([]);
    });
  }

  it("dies at the deadline to the millisecond, before the calendar has said so", async () => {
    const { id } = await launched(door, two);
    const token = door.engine.tokenOf(id, "s1");
    door.clock.instant += 15 * day - 1;
    expect((await exchange(token)).status).to.equal(201);
    door.clock.instant += 1;
    expect((await exchange(token)).json.why).to.equal("ended");
  });

  it("for signing dies when all have signed; that for the documents lives on", async () => {
    const { id } = await launched(door, { steps: [{ signatories: [claire] }] });
    const token = door.engine.tokenOf(id, "s1");
    await signed(door, await sessionOf(door, id, "s1"));
    await applyOrdered(door, id);
    expect((await exchange(token)).json).to.include({ code: "link_dead", why: "ended" });
    expect((await exchange(door.engine.tokenOf(id, "s1", "download"))).status).to.equal(201);
  });

  it("that never was says no more than that it opens nothing", async () => {
    const { status, json } = await exchange("A".repeat(43));
    expect([status, json.code, json.why]).to.deep.equal([410, "link_dead", undefined]);
  });

  it("of who has time to reflect shows the documents, says from when, and sends no code before", async () => {
    const { directory } = door.door;
    const firm = directory.firm.bind(directory);
    directory.firm = async (id) => {
      const known = await firm(id);
      return known && { ...known, settings: { reflectionMinutes: 24 * 60 } };
    };
    const { id } = await launched(door, two);
    const session = await sessionOf(door, id, "s1");
    const { json } = await call(`${door.url}/v1/signing`, { bearer: session });
    expect(json.signatory.maySignFrom).to.equal("2025-12-02T09:00:00.000Z");
    const consent = () => call(`${door.url}/v1/signing/consent`, { bearer: session, body: {} });
    door.clock.instant += day - 1;
    const later = await sessionOf(door, id, "s1");
    const early = await call(`${door.url}/v1/signing/consent`, { bearer: later, body: {} });
    expect([early.status, early.json.code, early.json.retryAfterSeconds]).to.deep.equal([
      409,
      "too_early",
      1,
    ]);
    expect((await consent()).json.code).to.equal("session_invalid");
    door.clock.instant += 1;
    const right = await call(`${door.url}/v1/signing/consent`, { bearer: later, body: {} });
    expect(right.status).to.equal(202);
  });
});
