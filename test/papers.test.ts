import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import type { Command } from "commander";
import { variables } from "../config/schema.ts";
import { commands } from "../src/cli/commands.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const text = (path: string) => readFileSync(join(root, path), "utf8");
const decisions = readdirSync(join(root, "docs/decisions")).filter((name) => /^\d/.test(name));
const papers = [
  "README.md",
  "CHANGELOG.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
  "docs/decisions/README.md",
  ...decisions.map((name) => `docs/decisions/${name}`),
];

/** As sites that show Markdown name a heading. */
function anchorsOf(path: string): string[] {
  return [...text(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** The lines of shell that a paper shows, without what stands behind `#`. */
function shellOf(path: string): string[] {
  const blocks = [...text(path).matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, lines = ""]) => lines);
  return blocks.flatMap((lines) => lines.split("\n").map((line) => line.replace(/\s# .*$/, "").trim()));
}

describe("the papers", function () {
  this.timeout(30_000);
  it("lead to files and headings that are there", () => {
    for (const path of papers) {
      for (const [, target = ""] of text(path).matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https?:/.test(target)) continue;
        const [file = "", anchor] = target.split("#");
        const to = file === "" ? path : join(dirname(path), file);
        expect(existsSync(join(root, to)), `${path}: ${target}`).to.equal(true);
        if (anchor !== undefined) expect(anchorsOf(to), `${path}: ${target}`).to.include(anchor);
      }
    }
  });

  it("name decisions by their numbers, each once, and list all of them", () => {
    const index = text("docs/decisions/README.md");
    const rows = [...index.matchAll(/^\| \[(\d+)\]\((.+?)\) \| (.+) \|$/gm)].map(([, ...row]) => row);
    const found = decisions.map((name) => {
      const [, number = "", title] = /^# (\d+)\. (.+)$/m.exec(text(`docs/decisions/${name}`)) ?? [];
      expect(name.slice(0, 4)).to.equal(number.padStart(4, "0"));
      return [number, name, title];
    });
    expect(rows).to.deep.equal(found);
    expect(found.map(([number]) => number)).to.deep.equal(found.map((_, i) => String(i + 1)));
  });

  it("tell operators of every setting, and of none that there isn't", () => {
    const told = new Set(text("docs/operating.md").match(/\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b/g));
    const known = Object.keys(variables.shape);
    expect(known.filter((name) => !told.has(name))).to.deep.equal([]);
    const forOperators = papers.filter((path) => !path.includes("decisions"));
    const named = forOperators.flatMap((path) => text(path).match(/\bCOLLECTE_[A-Z_]+\b/g) ?? []);
    expect(named.filter((name) => !known.includes(name.replace(/_FILE$/, "")))).to.deep.equal([]);
  });

  it("show commands that there are, with options that they have", async () => {
    let shown = 0;
    for (const path of papers) {
      for (const line of shellOf(path)) {
        const [program, script, ...words] = line.split(/\s+/);
        if (program === "npm" && script === "run")
          expect(JSON.parse(text("package.json")).scripts, line).to.have.property(words[0] ?? "");
        if (program !== "npx" || script !== "collecte") continue;
        await mustBeKnown(words, `${path}: ${line}`);
        shown += 1;
      }
    }
    expect(shown).to.be.at.least(20);
  });
});

async function mustBeKnown([name = "", ...words]: string[], line: string): Promise<void> {
  expect(commands, line).to.have.property(name);
  let command = await (commands[name] as () => Promise<Command>)();
  for (const word of words) {
    const below = command.commands.find((one) => one.name() === word);
    if (below) command = below;
    else if (word.startsWith("--"))
      expect(
        command.options.map(({ long }) => long),
        line,
      ).to.include(word.split("=")[0]);
  }
}
