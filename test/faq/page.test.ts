import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect } from "chai";
import { questions } from "./questions.ts";

const root = new URL("../../../", import.meta.url);
const text = (path: string) => readFileSync(new URL(path, root), "utf8");

/** The rows of the page's tables, without their heads. */
function rows(): string[][] {
  const lines = text("docs/faq.md")
    .split("\n")
    .filter((line) => line.startsWith("| "));
  return lines
    .map((line) => line.slice(2, -2).split(" | "))
    .filter(([first = ""]) => first !== "Question" && !first.startsWith("---"));
}

describe("docs/faq.md", () => {
  it("has every question of the FAQ, once", () => {
    expect(rows().map(([question]) => question)).to.have.members([...questions]);
    expect(rows()).to.have.length(questions.length);
  });

  it("names, for each answer about the product, a test that exists", () => {
    for (const [question, , test] of rows().filter((row) => row.length === 3)) {
      const path = test?.replaceAll("`", "") ?? "";
      expect(existsSync(new URL(path, root)), path).to.equal(true);
      expect(text(path), `${path}: ${question}`).to.include(`it("${question}", `);
    }
  });

  it("leaves out no test of the FAQ, and says of the others why not", () => {
    const files = readdirSync(new URL("test/faq/", root)).filter((name) => !name.startsWith("page.test"));
    const told = files.flatMap((name) =>
      [...text(`test/faq/${name}`).matchAll(/\bit\("(.+?)", /g)].map((found) => [
        found[1],
        `test/faq/${name}`,
      ]),
    );
    const tried = rows().filter((row) => row.length === 3);
    expect(told).to.have.deep.members(
      tried.map(([question, , test]) => [question, test?.replaceAll("`", "")]),
    );
    for (const [question, why = ""] of rows().filter((row) => row.length === 2))
      expect(why, question).to.match(/\w.*\.$/);
  });
});
