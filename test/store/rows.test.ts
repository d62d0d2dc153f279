import { expect } from "chai";
import { boundRows } from "../../src/store/sqlite/rows.ts";

const statement =
  "INSERT INTO t (a, b) SELECT id, word FROM rows(id, word) WHERE true ON CONFLICT DO NOTHING";
const rows = (count: number) => Array.from({ length: count }, (_, id) => ({ id, word: `w${id}` }));

describe("rows of a statement", () => {
  it("are bound in their order, padded to the next size", () => {
    const [run, ...others] = boundRows(statement, rows(3)) ?? [];
    expect(others).to.deep.equal([]);
    expect(run?.values).to.deep.equal([0, "w0", 1, "w1", 2, "w2", null, null]);
    expect(run?.text).to.contain("(VALUES (?,?),(?,?),(?,?),(?,?)) WHERE column1 IS NOT NULL)");
  });

  it("go in runs of 256", () => {
    const runs = boundRows(statement, rows(600)) ?? [];
    expect(runs.map(({ values }) => values.length / 2)).to.deep.equal([256, 256, 256]);
    expect(runs.flatMap(({ values }) => values.filter((value) => typeof value === "number"))).to.deep.equal(
      rows(600).map(({ id }) => id),
    );
  });

  it("are null where a field is missing", () => {
    expect(boundRows(statement, [{ id: 1 }])?.[0]?.values).to.deep.equal([1, null]);
  });

  it("are somebody else's business in a statement without a place for them", () => {
    expect(boundRows("DELETE FROM t WHERE id IN (SELECT value FROM json_each(?))", ["a"])).to.equal(
      undefined,
    );
  });
});
