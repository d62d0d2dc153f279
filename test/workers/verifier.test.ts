import { writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { expect } from "chai";
import { isolated } from "../../src/workers/isolation/bounds.ts";
import { createVerifier, type Verifier } from "../../src/workers/verifier/verifier.ts";
import { type Folder, letter, temporaryFolder } from "./letters.ts";
import { createTestPki, someDay } from "./pki.ts";
import { reallySigned } from "./real-signature.ts";

describe("a PDF judged in a process of its own", () => {
  const pki = createTestPki();
  const options = { trustDer: [pki.rootDer], at: someDay.getTime() };
  let folder: Folder;
  let verifier: Verifier | undefined;

  before(async () => {
    folder = temporaryFolder();
    writeFileSync(folder.path("signed.pdf"), reallySigned(await letter(true), pki.member));
    writeFileSync(folder.path("text.pdf"), "Bonjour");
    const sleeping =
      "for await (const _ of process.stdin) await new Promise(() => setInterval(() => {}, 1e6));";
    writeFileSync(folder.path("sleeping.mjs"), sleeping);
    writeFileSync(folder.path("dying.mjs"), "for await (const _ of process.stdin) process.exit(3);");
    writeFileSync(folder.path("lying.mjs"), "for await (const _ of process.stdin) console.log('{}');");
  });
  afterEach(() => verifier?.close());
  after(() => folder.remove());

  it("is reported on as in this one", async () => {
    verifier = createVerifier({ processes: 2 });
    const files = ["signed.pdf", "text.pdf", "signed.pdf", "missing.pdf"];
    const reports = await Promise.all(files.map((name) => verifier?.verify(folder.path(name), options)));
    expect(reports.map((report) => report?.indication)).to.deep.equal([
      "TOTAL-PASSED",
      "INDETERMINATE/GENERIC",
      "TOTAL-PASSED",
      "INDETERMINATE/SIGNED_DATA_NOT_FOUND",
    ]);
    expect(reports[0]?.signatures[0]?.signer.commonName).to.equal("Zoé Lefèvre-Łuczak");
  });

  it("is answered, and no more than that, when it hangs, kills or corrupts its process", async () => {
    const problemsBy = async (child: string, wallMs: number) => {
      verifier = createVerifier({ childPath: folder.path(child), wallMs });
      const { verdict, problems } = await verifier.verify(folder.path("signed.pdf"), options);
      await verifier.close();
      return [verdict, ...problems];
    };
    expect(await problemsBy("sleeping.mjs", 300)).to.deep.equal(["INDETERMINATE", "verification_timeout"]);
    expect(await problemsBy("dying.mjs", 10_000)).to.deep.equal(["INDETERMINATE", "verification_failed"]);
    expect(await problemsBy("lying.mjs", 10_000)).to.deep.equal(["INDETERMINATE", "verification_failed"]);
  });

  it("is judged where no file can be written and no program started, and without what this machine has not", async () => {
    const trying = [
      'import { writeFileSync } from "node:fs"; import { spawnSync } from "node:child_process";',
      "const codeOf = (act) => { try { act(); return 'done'; } catch ({ code }) { return code; } };",
      `const write = codeOf(() => writeFileSync(${JSON.stringify(folder.path("written"))}, "x"));`,
      "const spawn = codeOf(() => spawnSync('true'));",
      "const report = { verdict: 'INDETERMINATE', signatures: [], problems: [write, spawn] };",
      "for await (const _ of process.stdin) console.log(JSON.stringify(report));",
    ];
    writeFileSync(folder.path("trying.mjs"), trying.join("\n"));
    const told: string[] = [];
    verifier = createVerifier({
      childPath: folder.path("trying.mjs"),
      findProgram: () => undefined,
      warn: (missing) => told.push(...missing),
    });
    const { problems } = await verifier.verify(folder.path("signed.pdf"), options);
    expect(problems).to.deep.equal(["ERR_ACCESS_DENIED", "ERR_ACCESS_DENIED"]);
    expect(told).to.deep.equal(["no network (unshare --user --net)", "bounded memory (prlimit)"]);
  });

  it("has no network, and may write no file, there", async () => {
    const trying = `import { networkInterfaces } from "node:os";
      import { writeFileSync } from "node:fs";
      for await (const _ of process.stdin) {
        let wrote = true;
        try { writeFileSync(${JSON.stringify(folder.path("written"))}, "x"); } catch { wrote = false; }
        const problems = [String(wrote), String(Object.keys(networkInterfaces()).length)];
        console.log(JSON.stringify({ verdict: "INDETERMINATE", signatures: [], problems }));
      }`;
    writeFileSync(folder.path("trying.mjs"), trying);
    verifier = createVerifier({ childPath: folder.path("trying.mjs") });
    const { problems } = await verifier.verify(folder.path("signed.pdf"), options);
    const { missing } = isolated([], 1 << 30);
    const hasNetwork = missing.some((one) => one.startsWith("no network"));
    expect(problems).to.deep.equal([
      "false",
      String(hasNetwork ? Object.keys(networkInterfaces()).length : 0),
    ]);
  });

  it("waits its turn, or is refused when too many wait", async () => {
    verifier = createVerifier({ waiting: 1, childPath: folder.path("sleeping.mjs") });
    const held = [1, 2].map(() => verifier?.verify(folder.path("signed.pdf"), options));
    const third = await verifier.verify(folder.path("signed.pdf"), options).catch((error: unknown) => error);
    expect(third).to.include({ code: "overloaded" });
    await verifier.close();
    for (const report of await Promise.all(held))
      expect(report?.problems).to.deep.equal(["verification_failed"]);
  });
});
