import { expect } from "chai";
import { Overloaded, Retryable } from "../../src/actors/runtime/errors.ts";
import { keys, type OpenDoor, openDoor } from "./support/a-door.ts";
import { call, claire, drafted, type Json, uploaded } from "./support/caller.ts";

describe("a list of commands", () => {
  let door: OpenDoor;
  let document: string;

  beforeEach(async () => {
    door = await openDoor();
    document = await uploaded(door);
  });
  afterEach(() => door.close());

  const collecte = (changes: object = {}) => ({
    title: "Bilan",
    documents: [document],
    steps: [{ signatories: [claire] }, { member: "mem_expert" }, { seal: true }],
    ...changes,
  });
  const create = (more: object = {}) => ({ type: "create", collecte: collecte(), ...more });
  const launch = (collecteId: unknown, more: object = {}) => ({ type: "launch", collecteId, ...more });
  const send = (commands: unknown, headers: Record<string, string> = {}, bearer: string = keys.cabinet) =>
    call(`${door.url}/v1/commands`, { bearer, body: { commands }, headers });
  const results = async (commands: unknown[], headers: Record<string, string> = {}): Promise<Json[]> => {
    const { status, json } = await send(commands, headers);
    expect(status, JSON.stringify(json)).to.equal(200);
    expect(json.results.map(({ index }: Json) => index)).to.deep.equal(commands.map((_, i) => i));
    return json.results;
  };

  it("is decided one by one, and answered in its order", async () => {
    const { id } = await drafted(door);
    const [made, sent, again] = await results([create({ key: "a" }), launch(id), launch(id, { key: "b" })]);
    expect(made).to.deep.equal({
      index: 0,
      key: "a",
      commandId: made.commandId,
      status: "done",
      collecteId: made.collecteId,
      version: 1,
    });
    expect(sent).to.include({ index: 1, status: "done", collecteId: id, version: 2 });
    expect(again).to.include({ index: 2, key: "b", status: "refused", collecteId: id });
    expect(again.problem).to.include({ type: "/errors/not_draft", code: "not_draft", status: 409 });
    const read = await call(`${door.url}/v1/commands/${again.commandId}`, { bearer: keys.cabinet });
    expect(read.json.problem).to.deep.equal(again.problem);
    expect(door.engine.stateOf(made.collecteId).signatories["s2"]?.memberId).to.equal("mem_expert");
  });

  it("decides what is said about one collecte in the order of the list", async () => {
    const single = { bearer: keys.cabinet, body: collecte(), headers: { "Idempotency-Key": "k" } };
    const { json } = await call(`${door.url}/v1/collectes`, single);
    door.engine.actors.clear();
    door.engine.receipts.clear();
    const all = await results([launch(json.id), create({ key: "k" }), launch(json.id), launch(json.id)]);
    expect(all.map(({ problem, version }) => problem?.code ?? version)).to.deep.equal([
      "not_found",
      1,
      2,
      "not_draft",
    ]);
  });

  it("is handed over at once, after one look-up of documents and one of members", async () => {
    const asked: string[] = [];
    const { documents, directory, mailbox } = door.door;
    door.door.documents = {
      ...documents,
      find: async (...given) => {
        asked.push("documents");
        return documents.find(...given);
      },
    };
    door.door.directory = {
      ...directory,
      members: async (firmId) => {
        asked.push("members");
        return directory.members(firmId);
      },
      member: () => expect.fail("read one member"),
    };
    door.door.reads.collecte = () => expect.fail("read a collecte");
    let turns = 0;
    let isCounted = false;
    door.door.mailbox = {
      accept(message) {
        if (!isCounted) {
          turns += 1;
          isCounted = true;
          setImmediate(() => (isCounted = false));
        }
        return mailbox.accept(message);
      },
    };
    const all = await results(Array.from({ length: 100 }, (_, i) => (i % 2 ? create() : launch("col_x"))));
    expect(all.filter(({ status }) => status === "done")).to.have.length(50);
    expect(asked.sort()).to.deep.equal(["documents", "members"]);
    expect(turns).to.equal(1);
  });

  it("is waited for as one, as long as the caller prefers", async () => {
    door.engine.late = 3;
    const { json, headers } = await send([create(), create()], { Prefer: "wait=30" });
    expect(json.results.map(({ status }: Json) => status)).to.deep.equal(["done", "done"]);
    expect(headers.get("Preference-Applied")).to.equal("wait=30");
  });

  it("says of each that nobody decided in time", async () => {
    door.engine.late = 1_000_000;
    const { status, json } = await send([create(), launch("col_x"), { type: "sing" }], { Prefer: "wait=0" });
    const [made, sent] = json.results;
    expect([status, json.results.map((one: Json) => one.status)]).to.deep.equal([
      200,
      ["accepted", "accepted", "refused"],
    ]);
    expect(made).to.have.all.keys("index", "commandId", "status", "collecteId");
    expect(sent).to.include({ status: "accepted", collecteId: "col_x" });
  });

  describe("with keys", () => {
    const single = (path: string, key: string, body?: unknown) =>
      call(door.url + path, {
        method: "POST",
        bearer: keys.cabinet,
        headers: { "Idempotency-Key": key },
        ...(body !== undefined && { body }),
      });

    it("names the same collecte and the same message as the routes for one", async () => {
      const { json: made, headers } = await single("/v1/collectes", "k", collecte());
      const launched = await single(`/v1/collectes/${made.id}/launch`, "l", {});
      const [again, sent] = await results([create({ key: "k" }), launch(made.id, { key: "l" })]);
      expect(again).to.include({ commandId: headers.get("Command-Id"), collecteId: made.id, version: 1 });
      expect(sent).to.include({ commandId: launched.headers.get("Command-Id"), version: 2 });
      expect(door.engine.accepted).to.have.length(2);
      const [first] = await results([create({ key: "n" })]);
      const other = await single("/v1/collectes", "n", collecte());
      expect([other.json.id, other.headers.get("Command-Id")]).to.deep.equal([
        first.collecteId,
        first.commandId,
      ]);
      expect(door.engine.accepted).to.have.length(3);
    });

    it("takes the same command twice once, and refuses another under the same key", async () => {
      const other = create({ key: "k", collecte: collecte({ title: "Autre" }) });
      const [first, twin, third] = await results([create({ key: "k" }), create({ key: "k" }), other]);
      expect(twin).to.deep.equal({ ...first, index: 1 });
      expect([third.status, third.problem.code]).to.deep.equal(["refused", "idempotency_key_reused"]);
      expect(door.engine.actors.size).to.equal(1);
    });

    it("derives those that are missing from the request's, by their place", async () => {
      const commands = [create(), create({ key: "own" }), create()];
      const first = await results(commands, { "Idempotency-Key": "r" });
      expect(new Set(first.map(({ collecteId }) => collecteId)).size).to.equal(3);
      expect(first.map(({ key }) => key)).to.deep.equal([undefined, "own", undefined]);
      const again = await results(commands, { "Idempotency-Key": "r" });
      expect(again).to.deep.equal(first);
      const changed = [create(), create({ key: "own" }), launch(first[0].collecteId)];
      const [, , third] = await results(changed, { "Idempotency-Key": "r" });
      expect(third.problem.code).to.equal("idempotency_key_reused");
      const [own] = await results([create({ key: "r" })]);
      expect(first.map(({ collecteId }) => collecteId)).not.to.include(own.collecteId);
    });

    it("makes another collecte of each when there is none", async () => {
      const all = [...(await results([create(), create()])), ...(await results([create()]))];
      expect(new Set(all.map(({ collecteId }) => collecteId)).size).to.equal(3);
    });

    it("refuses a request's key that can't be one", async () => {
      const { status, json } = await send([create()], { "Idempotency-Key": "two words" });
      expect([status, json.code]).to.deep.equal([400, "idempotency_key_invalid"]);
    });
  });

  describe("with a command that is malformed", () => {
    const faults: [string, unknown, string, string][] = [
      ["is no object", 5, "", "wrong_type"],
      ["is null", null, "", "wrong_type"],
      ["is a list", [], "", "wrong_type"],
      ["has no type", { collecteId: "col_x" }, "type", "wrong_value"],
      ["has an unknown type", { type: "delete" }, "type", "wrong_value"],
      ["has a type that is an object", { type: {} }, "type", "wrong_value"],
      ["has an unknown field", launch("col_x", { colecteId: "x" }), "colecteId", "unknown_field"],
      ["has no collecteId", launch(undefined), "collecteId", "required"],
      ["has a number as collecteId", launch(7), "collecteId", "wrong_type"],
      ["has an address as collecteId", launch("../x"), "collecteId", "bad_format"],
      ["has a collecteId with a NUL", launch("col_\u0000"), "collecteId", "bad_format"],
      ["has a collecteId of 101 characters", launch("x".repeat(101)), "collecteId", "too_long"],
      ["has an empty key", launch("col_x", { key: "" }), "key", "too_short"],
      ["has a key of 256 characters", launch("col_x", { key: "x".repeat(256) }), "key", "too_long"],
      ["has a key of two words", launch("col_x", { key: "two words" }), "key", "bad_format"],
      ["has a number as key", launch("col_x", { key: 1 }), "key", "wrong_type"],
      ["creates nothing", { type: "create" }, "collecte", "required"],
      [
        "creates without title",
        create({ collecte: { documents: [], steps: [] } }),
        "collecte/title",
        "required",
      ],
    ];
    for (const [what, command, field, code] of faults) {
      it(`tells at its place that it ${what}, and does the others`, async () => {
        const [first, faulty, last] = await results([create(), command, create()]);
        expect([first.status, last.status]).to.deep.equal(["done", "done"]);
        expect(faulty).to.have.all.keys("index", "status", "problem", ...("key" in faulty ? ["key"] : []));
        expect([faulty.status, faulty.problem.code, faulty.problem.status]).to.deep.equal([
          "refused",
          "invalid_request",
          422,
        ]);
        expect(faulty.problem.errors[0]).to.include({ field, code });
      });
    }

    it("gives its key back, if that is one", async () => {
      const [one, other] = await results([launch(5, { key: "k" }), launch(5, { key: "a b" })]);
      expect([one.key, "key" in other]).to.deep.equal(["k", false]);
    });

    it("tells of documents and members that aren't the firm's, and of another firm's collecte", async () => {
      const theirs = await uploaded(door, keys.rival);
      const steps = [{ member: "mem_never" }];
      const { id } = await drafted(door);
      const [lost, made] = await results([
        create({ collecte: collecte({ documents: [document, theirs], steps }) }),
        create(),
      ]);
      expect(lost.problem.errors.map((error: Json) => [error.field, error.code])).to.deep.equal([
        ["documents/1", "document_unknown"],
        ["steps/0/member", "member_unknown"],
      ]);
      expect(made.status).to.equal("done");
      const { json } = await send([launch(id), launch("col_never")], {}, keys.rival);
      expect(json.results.map(({ problem }: Json) => problem.code)).to.deep.equal(["not_found", "not_found"]);
      expect(door.engine.stateOf(id).status).to.equal("draft");
    });
  });

  for (const [what, commands, code] of [
    ["no list", undefined, "required"],
    ["an object", {}, "wrong_type"],
    ["a text", "create", "wrong_type"],
    ["an empty list", [], "too_short"],
    ["101 commands", Array(101).fill({ type: "launch", collecteId: "col_x" }), "too_long"],
  ] as const) {
    it(`is refused whole when it is ${what}`, async () => {
      const { status, json } = await send(commands);
      expect([status, json.code, json.errors]).to.deep.equal([
        422,
        "invalid_request",
        [{ field: "commands", code, detail: json.errors[0].detail }],
      ]);
      expect(door.engine.accepted).to.deep.equal([]);
    });
  }

  it("is refused with unknown fields beside it", async () => {
    const body = { commands: [create()], atomic: true };
    const { status, json } = await call(`${door.url}/v1/commands`, { bearer: keys.cabinet, body });
    expect([status, json.errors[0].field]).to.deep.equal([422, "atomic"]);
  });

  it("may have 1 MB, when other requests may have 256 KB", async () => {
    const long = create({ collecte: collecte({ message: "é".repeat(4_990) }) });
    const bytes = (count: number) => JSON.stringify(Array(count).fill(long)).length;
    expect([
      bytes(98) > 400_000,
      Buffer.byteLength(JSON.stringify(Array(98).fill(long))) < 1_048_000,
    ]).to.deep.equal([true, true]);
    const all = await results(Array(98).fill(long));
    expect(all.every(({ status }) => status === "done")).to.equal(true);
    const { status, json } = await send([create({ collecte: collecte({ message: "x".repeat(1_048_600) }) })]);
    expect([status, json.code]).to.deep.equal([413, "body_too_large"]);
  });

  it("full of faults is refused whole, with an answer that is not larger than it", async () => {
    const steps = Array(50).fill({ signatories: Array(50).fill({}) });
    const commands = Array(100).fill(create({ collecte: collecte({ steps }) }));
    const { status, json, text } = await send(commands);
    expect([status, json.code, json.errors.length]).to.deep.equal([422, "invalid_request", 100]);
    expect(json.errors[0].field).to.match(/^commands\/10\/collecte\/steps\/0\//);
    expect(text.length).to.be.below(20_000);
  });

  it("counts as one request for the rate limit", async () => {
    await door.close();
    const rateLimits = {
      perKey: 2,
      sessionsPerIp: 9,
      failedLoginsPerIp: 9,
      perSignatory: 9,
      publicationPerIp: 9,
    };
    door = await openDoor({ rateLimits });
    document = await uploaded(door);
    const statuses = [];
    for (let i = 0; i < 2; i++) statuses.push((await send(Array(100).fill(launch("col_x")))).status);
    expect(statuses).to.deep.equal([200, 429]);
  });

  describe("when there is too much work", () => {
    /** Takes so many messages, and then fails. */
    const takes = (count: number, failure: Error) => {
      const { mailbox } = door.door;
      let left = count;
      door.door.mailbox = {
        accept: (message) => (left-- > 0 ? mailbox.accept(message) : Promise.reject(failure)),
      };
    };

    it("is refused whole when nothing of it was taken", async () => {
      takes(0, new Overloaded(7));
      const { status, json, headers } = await send([create(), { type: "sing" }, create()]);
      expect([status, json.code, headers.get("Retry-After")]).to.deep.equal([429, "overloaded", "7"]);
    });

    it("tells which of it were not taken", async () => {
      takes(2, new Overloaded(7));
      const all = await results([create(), create(), create(), create()]);
      expect(all.map(({ status, problem }) => problem?.code ?? status)).to.deep.equal([
        "done",
        "done",
        "overloaded",
        "overloaded",
      ]);
      // Not refused: its key may be sent again.
      expect(all.map(({ status }) => status)).to.deep.equal(["done", "done", "failed", "failed"]);
      expect(all[3].problem).to.include({ retryAfterSeconds: 7, status: 429 });
      expect(door.engine.actors.size).to.equal(2);
    });

    it("is answered 503 when the store is away, and logs that once", async () => {
      takes(0, new Retryable("store_unavailable", { retryAfterMs: 3_000 }));
      const { status, json } = await send([create(), create()]);
      expect([status, json.retryAfterSeconds, door.logged.length]).to.deep.equal([503, 3, 1]);
    });

    it("tells nothing of an unforeseen failure, and logs it once", async () => {
      takes(1, new TypeError("claire@client.example has no column"));
      const all = await results([create(), create(), create()]);
      expect(all.map(({ problem }) => problem?.code)).to.deep.equal([undefined, "internal", "internal"]);
      expect(JSON.stringify([all, door.logged])).not.to.match(/claire|TypeError: |column/);
      expect(door.logged).to.have.length(1);
    });
  });
});
