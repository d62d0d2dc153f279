import { expect } from "chai";
import { sweepHeads } from "../../src/actors/cron/heads.ts";
import { noChanges } from "../../src/actors/runtime/drain.ts";
import { Retryable } from "../../src/actors/runtime/errors.ts";
import { proveInclusion, provenDigest } from "../../src/proof/inclusion.ts";
import { tokenProblems } from "../../src/proof/judge-inclusion.ts";
import { verifyStore } from "../../src/proof/verify-store.ts";
import { actorOf, moved, write } from "../store/changes.ts";
import { onEachStore } from "../store/on-each-store.ts";
import type { OpenedStore } from "../store/open-store.ts";
import { morning } from "../support/collecte-builder.ts";
import { thrownBy } from "../support/thrown.ts";
import { createTrust } from "../workers/levels/trust.ts";

const hour = 3_600_000;

onEachStore("the hourly tree of heads", (open) => {
  let opened: OpenedStore;
  const clock = { now: () => morning };
  const trust = createTrust(clock);

  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened.close());

  const sweep = (at: number, tsa = trust.tsa) => sweepHeads({ heads: opened.store.heads, tsa }, at);
  const verify = (known?: string) => verifyStore(opened.store, [trust.rootDer], known);

  async function move(id: string): Promise<void> {
    const before = await actorOf(opened.store.journal, id);
    const { journal } = opened.store;
    if (before === undefined) return write(journal, moved({ id, events: ["Moved", "MovedAgain"] }));
    return write(journal, moved({ id, from: before.version, headHash: before.headHash }));
  }

  const tamper = (sql: string, ...values: (string | number)[]) =>
    opened.beside((database) => database.transaction((writer) => writer.run(sql, ...values)));

  it("has as leaves the heads that moved since the one before, and links to it", async () => {
    for (const id of ["col_a", "col_b", "col_c"]) await move(id);
    expect(await sweep(morning)).to.equal(3);
    expect(await sweep(morning + hour)).to.equal(0);
    await move("col_b");
    expect(await sweep(morning + 2 * hour)).to.equal(1);
    const roots = await opened.store.heads.roots(-1, 10);
    expect(roots.map(({ count }) => count)).to.deep.equal([3, 1]);
    expect(roots[0]?.previous).to.equal("");
    expect(roots[1]?.previous).to.match(/^[0-9a-f]{64}$/);
    expect((await verify()).faults).to.deep.equal([]);
  });

  it("is made once an hour, and not for an hour before the last", async () => {
    await move("col_a");
    expect(await sweep(morning)).to.equal(1);
    await move("col_a");
    expect(await sweep(morning)).to.equal(0);
    expect(await sweep(morning - hour)).to.equal(0);
    expect(await sweep(morning + hour)).to.equal(1);
  });

  it("proves that a record is in it, over more than one subtree", async () => {
    const ids = Array.from({ length: 1_030 }, (_, i) => `col_${String(i).padStart(4, "0")}`);
    const changes = ids.map((id) => moved({ id }));
    await write(opened.store.journal, {
      ...noChanges(),
      actors: changes.flatMap(({ actors }) => actors),
      events: changes.flatMap(({ events }) => events),
    });
    await sweep(morning);
    for (const id of ["col_0000", "col_0512", "col_1023", "col_1024", "col_1029"]) {
      const proof = await proveInclusion(opened.store.heads, id);
      if (proof === undefined) throw new Error(`no proof for ${id}`);
      const digest = provenDigest(proof);
      if (digest === undefined) throw new Error(`the path of ${id} leads nowhere`);
      expect(tokenProblems(proof, digest, [trust.rootDer])).to.deep.equal([]);
      expect(provenDigest({ ...proof, head: "0".repeat(64) })).to.equal(undefined);
      expect(tokenProblems(proof, Buffer.alloc(32), [trust.rootDer])).to.include("imprint_mismatch");
    }
    expect(await proveInclusion(opened.store.heads, "col_none")).to.equal(undefined);
    expect((await verify()).faults).to.deep.equal([]);
  });

  it("waits for the TSA, and is stamped when that is back", async () => {
    await move("col_a");
    const away = { stamp: () => Promise.reject(new Retryable("tsa_away")) };
    expect(await thrownBy(sweep(morning, away))).to.include({ code: "tsa_away" });
    expect((await verify()).unstamped).to.equal(1);
    await move("col_b");
    expect(await sweep(morning + hour)).to.equal(1);
    expect(await verify()).to.deep.include({ unstamped: 0, roots: 2, faults: [] });
  });

  it("is begun anew after a death midway", async () => {
    await move("col_a");
    await opened.store.heads.addLeaves(Math.floor(morning / hour), 0, [
      { actorId: "col_x", version: 1, hash: "00" },
    ]);
    expect(await sweep(morning)).to.equal(1);
    expect((await verify()).faults).to.deep.equal([]);
  });

  describe("against what was done to the tables behind the engine's back", () => {
    let known: string;

    beforeEach(async () => {
      for (const id of ["col_a", "col_b", "col_c"]) await move(id);
      await sweep(morning);
      await move("col_b");
      await sweep(morning + hour);
      known = (await verify()).newest;
    });

    const found = async () => [...new Set((await verify(known)).faults.map(({ code }) => code))];

    it("finds nothing where nothing was done", async () => {
      expect(await found()).to.deep.equal([]);
    });

    it("finds an edited event", async () => {
      await tamper("UPDATE events SET at = at + 1 WHERE actor_id = $1 AND version = 1 AND n = 0", "col_a");
      expect(await found()).to.deep.equal(["chain_broken"]);
    });

    it("finds an end that was cut off, with the head made to agree", async () => {
      const hash = "(SELECT hash FROM events WHERE actor_id = 'col_b' AND version = 1 AND n = 1)";
      await tamper(`UPDATE actors SET version = 1, head_hash = ${hash} WHERE id = 'col_b'`);
      await tamper("DELETE FROM events WHERE actor_id = 'col_b' AND version = 2");
      expect(await found()).to.deep.equal(["record_shortened"]);
    });

    it("finds a last event that was removed, with the head made to agree", async () => {
      const hash = "(SELECT hash FROM events WHERE actor_id = 'col_c' AND version = 1 AND n = 0)";
      await tamper(`UPDATE actors SET head_hash = ${hash} WHERE id = 'col_c'`);
      await tamper("DELETE FROM events WHERE actor_id = 'col_c' AND n = 1");
      expect(await found()).to.deep.equal(["record_rewritten"]);
    });

    it("finds a whole record that is gone", async () => {
      await tamper("DELETE FROM events WHERE actor_id = 'col_a'");
      await tamper("DELETE FROM actors WHERE id = 'col_a'");
      expect(await found()).to.deep.equal(["record_removed"]);
    });

    it("finds it although its leaf is gone too, or was changed", async () => {
      await tamper("DELETE FROM actors WHERE id = 'col_a'");
      await tamper("DELETE FROM merkle_leaves WHERE actor_id = 'col_a'");
      expect(await found()).to.include("leaves_missing");
      await tamper("UPDATE merkle_leaves SET actor_id = 'col_d' WHERE actor_id = 'col_c'");
      expect(await found()).to.include("record_removed");
    });

    it("finds a root that was made anew", async () => {
      await tamper("UPDATE merkle_leaves SET version = 9 WHERE actor_id = 'col_a'");
      expect(await found()).to.include("root_mismatch");
      await tamper("UPDATE merkle_roots SET root = $1 WHERE previous = ''", "0".repeat(64));
      expect(await found()).to.include.members(["roots_unlinked", "token_invalid"]);
    });

    it("finds that the newest root is gone, where it was written down elsewhere", async () => {
      await tamper("DELETE FROM merkle_roots WHERE previous <> ''");
      expect(await found()).to.deep.equal(["root_missing"]);
    });
  });
});
