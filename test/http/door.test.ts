import { readFile } from "node:fs/promises";
import { expect } from "chai";
import { Overloaded, Retryable } from "../../src/actors/runtime/errors.ts";
import { acts } from "../../src/http/acts.ts";
import { fieldCodes } from "../../src/http/field-errors.ts";
import { problems } from "../../src/http/problems.ts";
import { inFrench } from "../../src/http/refusals-fr.ts";
import { apiRoutes } from "../../src/http/routes.ts";
import { keys, type OpenDoor, openDoor } from "./support/a-door.ts";
import { call, completed, drafted, type Json, launched, sessionOf } from "./support/caller.ts";

describe("the door", () => {
  let door: OpenDoor;
  beforeEach(async () => {
    door = await openDoor();
  });
  afterEach(() => door.close());

  it("lets no firm use another's documents or members, or list its collectes", async () => {
    const { documents } = await drafted(door);
    const body = { title: "x", documents: [documents[0].id], steps: [{ member: "mem_expert" }] };
    const { status, json } = await call(`${door.url}/v1/collectes`, { bearer: keys.rival, body });
    expect([status, json.errors.length]).to.deep.equal([404, 2]);
    const list = await call(`${door.url}/v1/collectes`, { bearer: keys.rival });
    expect(list.json).to.deep.equal({ items: [] });
  });

  it("never shows the firm a token, a code's digest or salt, or a session", async () => {
    const collecte = await completed(door);
    const session = await sessionOf(door, collecte.id, "s1", "download");
    const state = JSON.stringify(door.engine.records.get(collecte.id));
    const secrets = [
      ...[...state.matchAll(/"(?:mac|salt|sessionId)":"([^"]+)"/g)].map(([, value]) => value ?? ""),
      door.engine.tokenOf(collecte.id, "s1"),
      door.engine.tokenOf(collecte.id, "s2"),
      door.engine.tokenOf(collecte.id, "s1", "download"),
      ...door.engine.links.keys(),
      session,
    ];
    expect(secrets.length).to.be.greaterThan(9);
    for (const path of ["/v1/collectes", `/v1/collectes/${collecte.id}`]) {
      const { text } = await call(door.url + path, { bearer: keys.cabinet });
      for (const secret of secrets) expect(text).not.to.include(secret);
    }
  });

  it("changes nothing on GET and HEAD, but for the record of who read what by their session", async () => {
    const { id, documents } = await launched(door);
    const session = await sessionOf(door, id, "s1");
    const all = () => {
      const { accesses: _read, ...state } = door.engine.stateOf(id);
      const orders = door.engine.accepted.filter(({ command }) => command.type !== "RecordAccess");
      return JSON.stringify([state, orders.length, door.documents.size]);
    };
    const before = all();
    const token = door.engine.tokenOf(id, "s1");
    for (const { path } of apiRoutes(door.door)) {
      const url =
        door.url +
        path
          .replace("{documentId}", documents[0].id)
          .replace("{id}", path.includes("signing") ? documents[0].id : id);
      for (const method of ["GET", "HEAD"]) {
        for (const bearer of [keys.cabinet, session]) await call(`${url}?token=${token}`, { method, bearer });
      }
    }
    await call(`${door.url}/sign`);
    expect(all()).to.equal(before);
    expect(door.engine.stateOf(id).accesses).to.have.length(1);
  });

  it("answers HEAD as GET without a body", async () => {
    const { id } = await drafted(door);
    const { status, text } = await call(`${door.url}/v1/collectes/${id}`, {
      method: "HEAD",
      bearer: keys.cabinet,
    });
    expect([status, text]).to.deep.equal([200, ""]);
  });

  for (const path of ["/", "/v1", "/v1/nothing", "/v1/collectes/%zz", "/.env", "/pages/../package.json"]) {
    it(`knows nothing at ${path}`, async () => {
      const { status, json, headers } = await call(door.url + path, { bearer: keys.cabinet });
      expect([status, json.code]).to.deep.equal([404, "not_found"]);
      expect(headers.get("Content-Type")).to.match(/^application\/problem\+json/);
      expect(json).to.have.all.keys("type", "title", "status", "code", "detail");
      expect(json.type).to.equal("/errors/not_found");
    });
  }

  for (const [method, path, allow] of [
    ["DELETE", "/v1/collectes", "POST, GET, HEAD"],
    ["PUT", "/v1/documents", "POST"],
    ["GET", "/v1/signing/sign", "POST"],
    ["POST", "/v1/signing", "GET, HEAD"],
    ["PATCH", "/v1/collectes/col_1", "PUT, GET, HEAD"],
    ["POST", "/sign", "GET, HEAD"],
  ] as const) {
    it(`refuses ${method} ${path} and says what is allowed`, async () => {
      const { status, json, headers } = await call(door.url + path, { method });
      expect([status, json.code, headers.get("Allow")]).to.deep.equal([405, "method_not_allowed", allow]);
    });
  }

  for (const [what, body, headers, status, code] of [
    ["half an object", '{"title":', {}, 400, "malformed_json"],
    ["a word", "hello", {}, 400, "malformed_json"],
    ["Latin-1", Buffer.from('{"title":"caf\xe9"}', "latin1"), {}, 400, "malformed_json"],
    [
      "UTF-16",
      '{"title":"x"}',
      { "Content-Type": "application/json; charset=utf-16le" },
      400,
      "malformed_json",
    ],
    ["300 KB", JSON.stringify({ title: "x".repeat(300_000) }), {}, 413, "body_too_large"],
    [
      "a form",
      "title=x",
      { "Content-Type": "application/x-www-form-urlencoded" },
      415,
      "unsupported_media_type",
    ],
    [
      "another charset",
      "{}",
      { "Content-Type": "application/json; charset=latin1" },
      415,
      "unsupported_media_type",
    ],
    ["a list", "[]", {}, 422, "invalid_request"],
    ["an empty object", "{}", {}, 422, "invalid_request"],
    ["__proto__", '{"__proto__": {"title": "x"}}', {}, 422, "invalid_request"],
  ] as const) {
    it(`refuses ${what} as a body`, async () => {
      const answer = await call(`${door.url}/v1/collectes`, {
        bearer: keys.cabinet,
        body,
        headers: { "Content-Type": "application/json", ...headers },
      });
      expect([answer.status, answer.json.code]).to.deep.equal([status, code]);
    });
  }

  it("refuses no body at all where one is needed", async () => {
    const { status } = await call(`${door.url}/v1/collectes`, { method: "POST", bearer: keys.cabinet });
    expect(status).to.equal(422);
  });

  it("tells nothing of an unforeseen failure, and logs its kind without its message", async () => {
    const { id } = await drafted(door);
    door.engine.failure = new TypeError("claire@client.example has no column");
    const { status, json, text } = await call(`${door.url}/v1/collectes/${id}/launch`, {
      method: "POST",
      bearer: keys.cabinet,
    });
    expect([status, json.code]).to.deep.equal([500, "internal"]);
    expect(text).not.to.match(/claire|TypeError|column/);
    expect(door.logged).to.have.length(1);
    expect(door.logged[0]?.facts).to.include({ error: "TypeError", route: "/v1/collectes/:id/launch" });
    expect(JSON.stringify(door.logged)).not.to.include("claire");
  });

  it("says when to come back when there is too much work", async () => {
    const { id } = await drafted(door);
    door.engine.failure = new Overloaded(7);
    const url = `${door.url}/v1/collectes/${id}/launch`;
    const { status, json, headers } = await call(url, { method: "POST", bearer: keys.cabinet });
    expect([status, json.code, json.retryAfterSeconds, headers.get("Retry-After")]).to.deep.equal([
      429,
      "overloaded",
      7,
      "7",
    ]);
  });

  for (const [what, failure] of [
    ["is full", fault("SQLITE_FULL: database or disk is full", { code: "SQLITE_FULL" })],
    ["is locked", fault("SQLITE_BUSY: database is locked", { code: "SQLITE_BUSY" })],
    [
      "fails under Sequelize",
      fault("x", { original: fault("SQLITE_IOERR: /secret", { code: "SQLITE_IOERR" }) }),
    ],
    [
      "is away",
      new Retryable("store_unavailable", { cause: fault("connect /secret", { code: "ECONNREFUSED" }) }),
    ],
    ["fails under another error", fault("x", { cause: fault("no space at /secret", { code: "ENOSPC" }) })],
  ] as const) {
    it(`asks to come back later when the store ${what}, and says nothing of why`, async () => {
      const { id } = await drafted(door);
      door.engine.failure = failure;
      const url = `${door.url}/v1/collectes/${id}/launch`;
      const { status, json, text, headers } = await call(url, { method: "POST", bearer: keys.cabinet });
      expect([status, json.code]).to.deep.equal([503, "store_unavailable"]);
      expect(Number(headers.get("Retry-After")))
        .to.be.within(1, 60)
        .and.to.equal(json.retryAfterSeconds);
      expect(text).not.to.match(/sqlite|secret|ENOSPC|ECONN|locked|full/i);
      expect(door.logged[0]?.facts["code"]).to.match(/^SQLITE_[A-Z]+$|^ENOSPC$|^ECONNREFUSED$/);
      expect(JSON.stringify(door.logged)).not.to.include("secret");
    });
  }

  it("says when to come back as the store that is away asked for it", async () => {
    const { id } = await drafted(door);
    door.engine.failure = new Retryable("store_unavailable", { retryAfterMs: 1_000 });
    const url = `${door.url}/v1/collectes/${id}/launch`;
    const { status, headers } = await call(url, { method: "POST", bearer: keys.cabinet });
    expect([status, headers.get("Retry-After")]).to.deep.equal([503, "1"]);
  });

  it("takes a statement that the database refuses for a fault of the engine's", async () => {
    const { id } = await drafted(door);
    door.engine.failure = fault("SQLITE_ERROR: no such column", { code: "SQLITE_ERROR" });
    const url = `${door.url}/v1/collectes/${id}/launch`;
    const { status } = await call(url, { method: "POST", bearer: keys.cabinet });
    expect(status).to.equal(500);
  });

  for (const [path, expected] of [
    ["/health", 200],
    ["/v1/nothing", 404],
    ["/sign", 200],
    ["/pages/signing.js", 200],
    ["/v1/signing", 401],
  ] as const) {
    it(`sends its protecting headers with ${path}`, async () => {
      const { status, headers } = await call(door.url + path);
      expect(status).to.equal(expected);
      expect(headers.get("Cache-Control")).to.equal("no-store");
      expect(headers.get("Referrer-Policy")).to.equal("no-referrer");
      expect(headers.get("X-Content-Type-Options")).to.equal("nosniff");
      expect(headers.get("X-Frame-Options")).to.equal("DENY");
      expect(headers.get("X-Powered-By")).to.equal(null);
      expect(headers.get("Content-Security-Policy"))
        .to.match(/default-src 'none'/)
        .and.match(/frame-ancestors 'none'/);
      expect(headers.get("Content-Security-Policy")).not.to.match(/unsafe|\*/);
    });
  }

  it("says how it is", async () => {
    expect((await call(`${door.url}/health`)).json).to.deep.equal({ ok: true });
    door.health.ok = false;
    expect((await call(`${door.url}/health`)).status).to.equal(503);
    expect((await call(`${door.url}/health/live`)).status).to.equal(200);
  });

  it("describes every route of its API", async () => {
    const { json } = await call(`${door.url}/v1/openapi.json`);
    expect(json.openapi).to.equal("3.1.0");
    for (const { method, path } of apiRoutes(door.door))
      expect(json.paths[path], path).to.have.property(method);
    const { schema } = json.paths["/v1/collectes"].post.requestBody.content["application/json"];
    expect(schema.properties).to.include.keys("title", "documents", "steps", "copies");
    const { post } = json.paths["/v1/commands"];
    const { items } = post.requestBody.content["application/json"].schema.properties.commands;
    expect(items.oneOf.map((one: Json) => one.properties.type.enum[0])).to.deep.equal([
      "create",
      ...acts.map(({ type }) => type),
    ]);
    for (const { method, path, prefer } of apiRoutes(door.door)) {
      const { parameters = [], responses } = json.paths[path][method];
      const names = parameters.map(({ name }: Json) => name);
      expect([path, names.includes("Prefer")]).to.deep.equal([path, prefer !== undefined]);
      expect(Boolean(responses[202]?.headers?.Location)).to.equal(prefer?.includes("return") ?? false);
    }
  });

  it("describes answers too: their fields, their other statuses, and which changes take an If-Match", async () => {
    const { paths, components } = (await call(`${door.url}/v1/openapi.json`)).json;
    const { put, get } = paths["/v1/collectes/{id}"];
    expect(components.schemas.Collecte.properties).to.include.keys("state", "steps", "tasks", "expiresAt");
    expect(Object.keys(put.responses)).to.deep.equal(["200", "202", "default"]);
    expect(Object.keys(put.responses[200].headers)).to.include.members(["ETag", "Command-Id"]);
    expect(put.parameters.map(({ name }: Json) => name)).to.include("If-Match");
    expect(Object.keys(get.responses)).to.deep.equal(["200", "304", "default"]);
    expect(get.parameters.map(({ name }: Json) => name)).to.include("If-None-Match");
    expect(paths["/v1/contacts/{id}"].delete.responses[204]).not.to.have.property("content");
    expect(get.responses.default.content).to.have.all.keys("application/problem+json");
  });

  it("describes the fields of every answer in JSON", () => {
    const bare = apiRoutes(door.door).filter(
      ({ answer: { status, schema, file } }) => status !== 204 && status !== 303 && !schema && !file,
    );
    expect(bare.map(({ operationId }) => operationId)).to.deep.equal([]);
  });

  it("explains every code in docs/errors.md as in its table", async () => {
    const doc = await readFile("docs/errors.md", "utf8");
    const rows = [...doc.matchAll(/^\| `(\w+)` \| (\d+) \| (.+?) \| (.+?) \|$/gm)].map(
      ([, code, status, title, detail]) => [code, { status: Number(status), title, detail }],
    );
    expect(Object.fromEntries(rows)).to.deep.equal(problems);
    const french = [...doc.matchAll(/^\| `(\w+)` \| (?!\d+ \|)([^|]+) \| ([^|]+) \|$/gm)]
      .filter(([, code = ""]) => Object.hasOwn(problems, code))
      .map(([, code, title, detail]) => [code, { title, detail }]);
    expect(Object.fromEntries(french)).to.deep.equal(inFrench);
    const fields = [...doc.matchAll(/^\| `(\w+)` \| ([^|]+) \|$/gm)].map(([, code, meaning]) => [
      code,
      meaning,
    ]);
    expect(Object.fromEntries(fields)).to.deep.equal(fieldCodes);
  });
});

function fault(message: string, facts: object): Error {
  return Object.assign(new Error(message), facts);
}
