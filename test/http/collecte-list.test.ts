import { expect } from "chai";
import { keys, type OpenDoor, openDoor } from "./support/a-door.ts";
import { call, claire, drafted, type Json, launched, lukasz, uploaded } from "./support/caller.ts";

const day = 86_400_000;

describe("the list of collectes", () => {
  let door: OpenDoor;
  let ids: Record<"letter" | "accounts" | "seal" | "sent", string>;

  before(async () => {
    door = await openDoor();
    const documents = [await uploaded(door)];
    const later = async (made: Promise<Json>) => {
      const { id } = await made;
      door.clock.instant += day;
      return id as string;
    };
    ids = {
      letter: await later(drafted(door, { documentType: "lettre", title: "Lettre de mission" })),
      accounts: await later(
        drafted(door, { documents, title: "Bilan, société Œuvrière", steps: [{ signatories: [lukasz] }] }),
      ),
      seal: await later(
        drafted(door, { documents, title: "Sceau", steps: [{ seal: true, approver: "mem_expert" }] }),
      ),
      sent: await later(launched(door, { documents, title: "Envoi", steps: [{ signatories: [claire] }] })),
    };
  });
  after(() => door.close());

  const list = async (query: string) => {
    const { status, json } = await call(`${door.url}/v1/collectes?${query}`, { bearer: keys.cabinet });
    if (status !== 200) return [status, ...json.errors.map((one: Json) => one.field)];
    const names = new Map(Object.entries(ids).map(([name, id]) => [id, name]));
    return json.items.map(({ id }: Json) => names.get(id));
  };
  const at = (days: number) =>
    encodeURIComponent(new Date(Date.UTC(2025, 11, 1, 9) + days * day).toISOString());

  for (const [why, query, expected] of [
    ["all, newest first", () => "", ["sent", "seal", "accounts", "letter"]],
    ["by state", () => "state=launched", ["sent"]],
    ["by kind of document", () => "documentType=lettre", ["letter"]],
    ["by who made them", () => "preparer=key_cabinet&state=draft", ["seal", "accounts", "letter"]],
    ["by nobody who made any", () => "preparer=mem_expert", []],
    ["by the member who signs or approves", () => "member=mem_expert", ["seal", "letter"]],
    ["by words of the title, whatever their accents and case", () => "q=SOCIETE%20oeuvriere", ["accounts"]],
    ["by a person's name", () => "q=wisniewski", ["accounts"]],
    ["by a person's e-mail", () => "q=claire%40client", ["sent", "letter"]],
    ["by words that are not all there", () => "q=mission%20wisniewski", []],
    ["made from a day on", () => `createdFrom=${at(2)}`, ["sent", "seal"]],
    ["made before a day", () => `createdUntil=${at(1)}`, ["letter"]],
    ["soon to expire", () => `expiresUntil=${at(19)}`, ["sent"]],
    ["not so soon to expire", () => `expiresUntil=${at(18)}`, []],
    ["of whose preparer nothing is asked", () => "hasTasks=true", []],
    ["and those of whom nothing is", () => "hasTasks=false&limit=2", ["sent", "seal"]],
  ] as [string, () => string, string[]][])
    it(`tells them ${why}`, async () => {
      expect(await list(query())).to.deep.equal(expected);
    });

  it("says which filter it can't take", async () => {
    expect(await list("createdFrom=2026")).to.deep.equal([422, "createdFrom"]);
    expect(await list("hasTasks=yes&state=open")).to.deep.equal([422, "state", "hasTasks"]);
  });

  it("loses and doubles nobody over pages, however few of those looked at are asked for", async () => {
    const many = await openDoor();
    const { reads } = many.door;
    const { id } = await drafted(many);
    const [view] = await reads.collectes("frm_cabinet", { limit: 1 });
    if (!view) throw new Error("no draft");
    const all = Array.from({ length: 2_500 }, (_, i) => {
      const documentType = i % 700 === 0 ? "rare" : "bilan";
      return { ...view, id: `${id}${i}`, createdAt: 10_000 - i, state: { ...view.state, documentType } };
    });
    let most = 0;
    reads.collectes = async (_firm, { limit, before }) => {
      most = Math.max(most, limit);
      return all.filter((one) => !before || one.createdAt < before.createdAt).slice(0, limit);
    };
    const found: string[] = [];
    const sizes: number[] = [];
    for (let cursor: string | undefined = ""; cursor !== undefined; ) {
      const page = `documentType=rare&limit=2${cursor && `&cursor=${cursor}`}`;
      const { json } = await call(`${many.url}/v1/collectes?${page}`, { bearer: keys.cabinet });
      found.push(...json.items.map((one: Json) => one.id));
      sizes.push(json.items.length);
      cursor = json.nextCursor;
    }
    await many.close();
    expect(found).to.deep.equal([0, 700, 1400, 2100].map((i) => `${id}${i}`));
    expect([sizes, most]).to.deep.equal([[2, 1, 1], 100]);
  });
});
