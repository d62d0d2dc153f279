import { expect } from "chai";
import { canonicalJson } from "../../src/actors/runtime/canonical-json.ts";
import { keys, type OpenDoor, openDoor } from "./support/a-door.ts";
import { call, claire, drafted, uploaded } from "./support/caller.ts";

describe("an Idempotency-Key", () => {
  let door: OpenDoor;
  const post = (path: string, key: string, body?: unknown, bearer: string = keys.cabinet) =>
    call(`${door.url}${path}`, { method: "POST", bearer, body, headers: { "Idempotency-Key": key } });

  beforeEach(async () => {
    door = await openDoor();
  });
  afterEach(() => door.close());

  it("makes one collecte of a request that is sent twice, later and in another order", async () => {
    const documents = [await uploaded(door)];
    const first = await post("/v1/collectes", "k", {
      title: "Bilan",
      documents,
      steps: [{ signatories: [claire] }],
    });
    door.clock.instant += 5_000;
    const again = await post("/v1/collectes", "k", {
      steps: [{ signatories: [claire] }],
      documents,
      title: "Bilan",
    });
    expect([first.status, again.status]).to.deep.equal([201, 201]);
    expect(again.json).to.deep.equal(first.json);
    expect(door.engine.actors.size).to.equal(1);
  });

  it("can't be used for another request", async () => {
    const documents = [await uploaded(door)];
    await post("/v1/collectes", "k", { title: "Bilan", documents, steps: [{ seal: true }] });
    const { status, json } = await post("/v1/collectes", "k", {
      title: "Autre",
      documents,
      steps: [{ seal: true }],
    });
    expect([status, json.code]).to.deep.equal([422, "idempotency_key_reused"]);
  });

  it("launches once, and answers the second call as the first", async () => {
    const { id } = await drafted(door);
    const answers = [
      await post(`/v1/collectes/${id}/launch`, "l"),
      await post(`/v1/collectes/${id}/launch`, "l"),
    ];
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200]);
    expect(door.engine.effects.filter(({ effect }) => effect.kind === "mail")).to.have.length(1);
  });

  it("answers a refusal again as it was", async () => {
    const { id } = await drafted(door);
    await post(`/v1/collectes/${id}/launch`, "first");
    const refusals = [
      await post(`/v1/collectes/${id}/launch`, "x"),
      await post(`/v1/collectes/${id}/launch`, "x"),
    ];
    expect(refusals.map(({ json }) => json.code)).to.deep.equal(["not_draft", "not_draft"]);
    expect(door.engine.accepted.filter(({ command }) => command.type === "LaunchCollecte")).to.have.length(2);
  });

  it("may be the same for two collectes that are launched", async () => {
    const ids = [(await drafted(door)).id, (await drafted(door)).id];
    for (const id of ids)
      expect((await post(`/v1/collectes/${id}/launch`, "same")).json.state).to.equal("launched");
  });

  it("of another firm is another key", async () => {
    const mine = await post("/v1/collectes", "k", {
      title: "Bilan",
      documents: [await uploaded(door)],
      steps: [{ seal: true }],
    });
    const theirs = await post(
      "/v1/collectes",
      "k",
      { title: "Bilan", documents: [await uploaded(door, keys.rival)], steps: [{ seal: true }] },
      keys.rival,
    );
    expect([mine.status, theirs.status]).to.deep.equal([201, 201]);
    expect(mine.json.id).not.to.equal(theirs.json.id);
  });

  for (const key of ["", "x".repeat(256), "two words", "café"]) {
    it(`can't be ${JSON.stringify(key).slice(0, 20)}`, async () => {
      const { status, json } = await post("/v1/collectes", key, {});
      expect([status, json.code]).to.deep.equal([400, "idempotency_key_invalid"]);
    });
  }

  it("compares requests without regard to the order of their fields", () => {
    expect(canonicalJson({ b: [1, { d: null, c: "é" }], a: true })).to.equal(
      '{"a":true,"b":[1,{"c":"é","d":null}]}',
    );
  });
});
