import { expect } from "chai";
import { keys, type OpenDoor, openDoor } from "./support/a-door.ts";
import { call, claire, lukasz, uploaded } from "./support/caller.ts";

describe("a new collecte's request", () => {
  let door: OpenDoor;
  let document: string;

  before(async () => {
    door = await openDoor();
    document = await uploaded(door);
  });
  after(() => door.close());

  const create = (changes: Record<string, unknown>) => {
    const body = { title: "Bilan", documents: [document], steps: [{ signatories: [claire] }], ...changes };
    return call(`${door.url}/v1/collectes`, { bearer: keys.cabinet, body });
  };
  const who = (changes: Record<string, unknown>) => ({
    steps: [{ signatories: [{ ...claire, ...changes }] }],
  });
  const many = <T>(count: number, one: T) => Array.from({ length: count }, () => one);
  const field = "steps/0/signatories/0";
  const box = { left: 60, bottom: 80, width: 180, height: 60 };

  const faults: [string, Record<string, unknown>, string, string][] = [
    ["no title", { title: undefined }, "title", "required"],
    ["an empty title", { title: "  " }, "title", "too_short"],
    ["a title of 201 characters", { title: "x".repeat(201) }, "title", "too_long"],
    ["a title of two lines", { title: "a\nb" }, "title", "forbidden_characters"],
    ["a title that is a number", { title: 5 }, "title", "wrong_type"],
    ["a message of 5,001 characters", { message: "x".repeat(5_001) }, "message", "too_long"],
    ["a message with a control character", { message: "a\u0007" }, "message", "forbidden_characters"],
    ["an unknown language", { language: "de" }, "language", "wrong_value"],
    ["a level that is none", { level: "B-X" }, "level", "wrong_value"],
    ["no documents", { documents: [] }, "documents", "too_short"],
    [
      "51 documents",
      { documents: Array.from({ length: 51 }, (_, i) => `doc_${i}`) },
      "documents",
      "too_long",
    ],
    ["a document twice", { documents: ["doc_a", "doc_a"] }, "documents/1", "document_duplicate"],
    ["no steps", { steps: [] }, "steps", "too_short"],
    [
      "101 signatures in all",
      {
        steps: many(3, 0).map((_, n) => ({
          signatories: many(34, claire).map((person, i) => ({ ...person, email: `p${n}-${i}@example.com` })),
        })),
      },
      "steps",
      "too_long",
    ],
    ["51 steps", { steps: many(51, { seal: true }) }, "steps", "too_long"],
    ["a step of nobody", { steps: [{ signatories: [] }] }, "steps/0/signatories", "too_short"],
    ["an empty step", { steps: [{}] }, "steps/0/signatories", "required"],
    ["a step that is a word", { steps: ["seal"] }, "steps/0", "wrong_type"],
    [
      "a stamp on a page that there is not",
      who({ stamp: { page: 99, box } }),
      `${field}/stamp/page`,
      "page_unknown",
    ],
    [
      "a stamp on another document",
      who({ stamp: { document: "doc_z", page: 1, box } }),
      `${field}/stamp/document`,
      "document_unknown",
    ],
    [
      "a stamp of no height",
      who({ stamp: { page: 1, box: { ...box, height: 0 } } }),
      `${field}/stamp/box/height`,
      "too_short",
    ],
    ["a stamp nowhere", who({ stamp: { box } }), `${field}/stamp/page`, "required"],
    [
      "two stamps of one signature in one document",
      who({
        stamp: [
          { page: 1, box },
          { page: 1, box },
        ],
      }),
      `${field}/stamp/1`,
      "stamp_duplicate",
    ],
    [
      "two signatures in one field",
      {
        steps: [
          { signatories: [{ ...claire, stamp: { field: "Client" } }] },
          { seal: true, stamp: { field: "Client" } },
        ],
      },
      "steps/1/stamp",
      "stamp_duplicate",
    ],
    ["a seal that isn't true", { steps: [{ seal: false }] }, "steps/0/seal", "wrong_value"],
    [
      "a first name with a line break",
      who({ firstName: "A\r\nBcc: x" }),
      `${field}/firstName`,
      "forbidden_characters",
    ],
    [
      "a last name that turns the text",
      who({ lastName: "\u202Eabc" }),
      `${field}/lastName`,
      "forbidden_characters",
    ],
    ["a name of 101 characters", who({ lastName: "x".repeat(101) }), `${field}/lastName`, "too_long"],
    ["no e-mail", who({ email: undefined }), `${field}/email`, "required"],
    ["no phone", who({ phone: undefined }), `${field}/phone`, "required"],
    ["a fixed line", who({ phone: "01 23 45 67 89" }), `${field}/phone`, "phone_not_mobile"],
    [
      "one e-mail twice in a step",
      { steps: [{ signatories: [claire, { ...lukasz, email: "Claire@CLIENT.example" }] }] },
      "steps/0/signatories/1/email",
      "email_duplicate",
    ],
    [
      "a copy twice",
      { copies: [{ email: "a@b.example" }, { email: "A@b.example" }] },
      "copies/1/email",
      "email_duplicate",
    ],
    ["a copy to no address", { copies: [{ email: "nobody" }] }, "copies/0/email", "email_invalid"],
  ];
  for (const [what, changes, path, code] of faults) {
    it(`is refused with ${what}`, async () => {
      const { status, json } = await create(changes);
      expect([status, json.code]).to.deep.equal([422, "invalid_request"]);
      expect(
        json.errors.map((error: { field: string; code: string }) => [error.field, error.code]),
      ).to.deep.equal([[path, code]]);
    });
  }

  for (const address of [
    "plain",
    "@b.example",
    "a@",
    "a@localhost",
    "a@b..example",
    ".a@b.example",
    "a.@b.example",
    "a b@c.example",
    '"a b"@c.example',
    "a@[127.0.0.1]",
    "a@b.example\nBcc: c@d.example",
    "a@b.example, c@d.example",
    "<a@b.example>",
    "a@-b.example",
    "é@b.example",
    "a@b.example ",
    `${"a".repeat(65)}@b.example`,
    `a@${"b".repeat(60)}.${"c".repeat(60)}.${"d".repeat(60)}.${"e".repeat(60)}.${"f".repeat(20)}.example`,
  ]) {
    it(`is refused with the address ${JSON.stringify(address).slice(0, 40)}`, async () => {
      const { json } = await create(who({ email: address }));
      expect(json.errors?.[0]).to.include({ field: `${field}/email`, code: "email_invalid" });
    });
  }

  for (const [address, kept] of [
    ["Jean.Dupont+sign@Sous.Domaine.Example", "Jean.Dupont+sign@sous.domaine.example"],
    ["o'neil@b.example", "o'neil@b.example"],
    ["a@xn--caf-dma.example", "a@xn--caf-dma.example"],
  ]) {
    it(`takes the address ${address}`, async () => {
      const { status, json } = await create(who({ email: address }));
      expect([status, json.steps[0].signatories[0].email]).to.deep.equal([201, kept]);
    });
  }

  it("is told all its faults at once", async () => {
    const { json } = await create({
      titel: "x",
      title: undefined,
      steps: [
        { signatories: [{ ...claire, phone: "06 12", email: "x", firstname: "C", firstName: "" }] },
        { membre: "a" },
      ],
    });
    const found = json.errors.map((error: { field: string; code: string }) => `${error.field} ${error.code}`);
    expect(found.toSorted()).to.deep.equal(
      [
        "title required",
        "titel unknown_field",
        `${field}/phone phone_too_short`,
        `${field}/email email_invalid`,
        `${field}/firstName too_short`,
        `${field}/firstname unknown_field`,
        "steps/1/signatories required",
        "steps/1/membre unknown_field",
      ].toSorted(),
    );
  });

  it("is told which field was meant", async () => {
    const { json } = await create({ mesage: "x" });
    expect(json.errors).to.deep.equal([
      { field: "mesage", code: "unknown_field", detail: "Unknown field; did you mean message?" },
    ]);
  });

  it("is told of 20 unknown fields, however many there are", async () => {
    const { json } = await create(
      Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`titel${i}`, i])),
    );
    expect(json.errors).to.have.length(20);
  });

  it("may name one address in several steps", async () => {
    expect((await create({ steps: [{ signatories: [claire] }, { signatories: [claire] }] })).status).to.equal(
      201,
    );
  });

  it("is told of documents and members that aren't the firm's", async () => {
    const { status, json } = await create({
      documents: [document, "doc_x"],
      steps: [{ seal: true }, { member: "mem_x" }],
    });
    expect([status, json.code]).to.deep.equal([404, "not_found"]);
    expect(
      json.errors.map((error: { field: string; code: string }) => [error.field, error.code]),
    ).to.deep.equal([
      ["documents/1", "document_unknown"],
      ["steps/1/member", "member_unknown"],
    ]);
  });

  it("keeps a name in NFC, without spaces around it", async () => {
    const { json } = await create(who({ firstName: " Rene\u0301 " }));
    expect(json.steps[0].signatories[0].firstName).to.equal("René");
  });

  it("may ask for a level; the engine's own is for those that do not", async () => {
    const levelOf = async (changes: Record<string, unknown>) => {
      const { status, json } = await create(changes);
      expect(status).to.equal(201);
      const { json: shown } = await call(`${door.url}/v1/collectes/${json.id}`, { bearer: keys.cabinet });
      return shown.level;
    };
    expect(await levelOf({ level: "B-T" })).to.equal("B-T");
    expect(await levelOf({ title: "Liasse" })).to.equal("B-LTA");
  });

  it("tells where its signatures and seals show", async () => {
    const answer = await create({
      steps: [
        { signatories: [{ ...claire, stamp: { page: 1, box } }, lukasz] },
        { seal: true, stamp: [{ document, field: "Cabinet" }] },
      ],
    });
    expect(answer.status).to.equal(201);
    const [people, seal] = answer.json.steps;
    expect(people.signatories[0].stamp).to.deep.equal([{ document, page: 1, box }]);
    expect(people.signatories[1]).not.to.have.property("stamp");
    expect(seal.stamp).to.deep.equal([{ document, field: "Cabinet" }]);
  });
});
