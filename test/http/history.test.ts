import { readFile } from "node:fs/promises";
import { expect } from "chai";
import { shownFields, shownHistory } from "../../src/http/history-view.ts";

const law = ["events", "life-events"];

/** What must never leave the engine, of any event. */
const secret = ["salt", "mac", "sessionId", "otpId", "linkGeneration", "personal", "trace", "effectId"];

describe("the history of a collecte", () => {
  it("knows every event of the law, and shows no secret of any", async () => {
    const texts = await Promise.all(law.map((name) => readFile(`src/actors/collecte/${name}.ts`, "utf8")));
    const types = texts.flatMap((text) =>
      [...text.matchAll(/type: ((?:"\w+"(?: \| )?)+)/g)].flatMap(([, names]) =>
        [...(names ?? "").matchAll(/"(\w+)"/g)].map(([, name]) => name ?? ""),
      ),
    );
    expect(types.length).to.be.greaterThan(30);
    expect(Object.keys(shownFields).toSorted()).to.deep.equal([...new Set(types)].toSorted());
    expect(
      Object.values(shownFields)
        .flat()
        .filter((field) => secret.includes(field)),
    ).to.deep.equal([]);
  });

  it("is still told when what was said about people is gone", () => {
    const events = [
      { version: 3, n: 0, at: 0, type: "CollecteCancelled", data: { by: { memberId: "mem_1" } } },
      { version: 4, n: 0, at: 0, type: "FromAnotherTime", data: { secret: "x" } },
    ];
    expect(shownHistory(events)).to.deep.equal([
      { at: "1970-01-01T00:00:00.000Z", type: "CollecteCancelled", by: { memberId: "mem_1" } },
      { at: "1970-01-01T00:00:00.000Z", type: "FromAnotherTime" },
    ]);
  });
});
