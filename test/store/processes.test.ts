import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { claimDue } from "../../src/actors/runtime/claiming.ts";
import { VersionConflict } from "../../src/actors/runtime/errors.ts";
import { openStore } from "../../src/store/store.ts";
import { creation, noCollecte } from "../support/collecte-builder.ts";
import { thrownBy } from "../support/thrown.ts";
import { actorOf, firstInstant, moved, ordered, write } from "./changes.ts";
import { collecteCommitter } from "./lives.ts";
import { type OpenedStore, openTemporaryStore, secretsOfTests } from "./open-store.ts";

const run = promisify(execFile);
const program = fileURLToPath(new URL("./second-process.js", import.meta.url));

describe("one file under several processes", () => {
  let opened: OpenedStore;
  beforeEach(async () => {
    opened = await openTemporaryStore();
  });
  afterEach(() => opened.close());

  it("lets each command be done once, by one of them, and keeps every record whole", async function () {
    this.timeout(30_000);
    const count = 120;
    const results = await Promise.all(
      ["one", "two", "three"].map((name) =>
        run(process.execPath, [program, opened.folder, name, String(count)]),
      ),
    );
    const done = results.map(({ stdout }) => (JSON.parse(stdout) as { done: number }).done);
    expect(done.reduce((sum, one) => sum + one)).to.equal(2 * count);
    for (let i = 0; i < count; i++) {
      expect(await opened.store.reads.recordIsWhole(`col-${i}`)).to.equal(true);
      expect(await opened.store.reads.collecte("firm", `col-${i}`)).to.have.property("version", 2);
    }
  });

  it("lets the loser of a birth read what the winner made", async () => {
    const other = await openStore(opened.folder, secretsOfTests, opened.clock);
    try {
      await write(opened.store.journal, moved({ id: "col-1", firmId: "firm" }));
      const late = await thrownBy(write(other.journal, moved({ id: "col-1", firmId: "firm" })));
      expect(late).to.be.instanceOf(VersionConflict);
      expect((await actorOf(other.journal, "col-1"))?.state).to.have.nested.property(
        "personal.title",
        "About col-1",
      );
      expect(await other.reads.collecte("firm", "col-1")).to.be.an("object");
    } finally {
      await other.close();
    }
  });

  it("keeps one rate over all of them", async () => {
    const other = await openStore(opened.folder, secretsOfTests, opened.clock);
    try {
      const effects = Array.from({ length: 20 }, (_, i) => ordered(`e-${i}`));
      await write(opened.store.journal, moved({ id: "col-1" }, { effects }));
      const options = { leaseLimits: { mail: 100 }, rates: { mail: { perSecond: 3 } }, leaseMs: 60_000 };
      const looks = async (now: number) => {
        const claimings = Array.from({ length: 10 }, (_, i) =>
          (i % 2 === 0 ? other : opened.store).journal.transaction((tx) =>
            claimDue(tx, options, ["mail"], [], now),
          ),
        );
        return (await Promise.all(claimings)).reduce((sum, { claimed }) => sum + claimed.length, 0);
      };
      expect(await looks(firstInstant)).to.equal(3);
      expect(await looks(firstInstant + 667)).to.equal(2);
    } finally {
      await other.close();
    }
  });

  it("answers one id the same from every process", async () => {
    const other = await openStore(opened.folder, secretsOfTests, opened.clock);
    try {
      const { turns } = noCollecte().told(creation());
      const command = turns[0]?.command ?? expect.fail();
      const message = { id: "m-1", actorId: "col-1", kind: "collecte", firmId: "firm", command };
      const committers = [opened.store, other].map(({ journal }) => collecteCommitter(journal, opened.clock));
      const outcomes = await Promise.all(committers.map((committer) => committer.accept(message)));
      expect(outcomes).to.deep.equal([
        { status: "done", version: 1 },
        { status: "done", version: 1 },
      ]);
      expect(await other.reads.history("firm", "col-1")).to.have.length(1);
      await Promise.all(committers.map((committer) => committer.stop()));
    } finally {
      await other.close();
    }
  });
});
