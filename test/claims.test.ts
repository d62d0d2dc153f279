import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";

/** What we must not print of our signatures, in the languages that people read here. */
const forbidden: readonly RegExp[] = [
  /\bqualified (?:electronic )?(?:signature|seal|certificate|timestamp)/i,
  /\b(?:signature|cachet|certificat|horodatage)s?(?: électroniques?)? qualifiée?s?\b/i,
  /\bequivalent (?:to|of) (?:a )?handwritten/i,
  /\b(?:équivalent|équivaut|même valeur)[^.]{0,40}manuscrite/i,
  /\bgreen in adobe\b|\bvert(?:e|s)? dans adobe\b|\bcoche verte\b/i,
];

const faultsOf = (text: string): string[] => forbidden.flatMap((claim) => claim.exec(text)?.[0] ?? []);

/** Comments may say what a claim would be; nobody is shown them. */
const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");

describe("what is printed", () => {
  it("claims no more of a signature than may be claimed", async () => {
    const texts: [string, string][] = [];
    for (const folder of ["src", "examples", "docs"])
      for (const name of await readdir(folder, { recursive: true }))
        if (/\.(?:ts|js|html|md)$/.test(name)) texts.push([name, await readFile(join(folder, name), "utf8")]);
    for (const name of ["README.md", "CHANGELOG.md"]) texts.push([name, await readFile(name, "utf8")]);
    expect(texts.length).to.be.greaterThan(300);
    const faults = texts.flatMap(([name, text]) => {
      const shown = /\.(?:ts|js)$/.test(name) ? withoutComments(text) : text;
      return faultsOf(shown).map((fault) => `${name}: ${fault}`);
    });
    expect(faults).to.deep.equal([]);
  });

  it("would be seen to claim more", () => {
    for (const claim of [
      "a qualified electronic signature",
      "une signature électronique qualifiée",
      "equivalent to a handwritten one",
      "a la même valeur qu'une signature manuscrite",
      "green in Adobe Reader",
    ])
      expect(faultsOf(claim), claim).to.have.length(1);
  });
});
