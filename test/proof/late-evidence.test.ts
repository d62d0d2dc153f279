import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import type { Collecte } from "../../src/actors/collecte/state.ts";
import { purgeEffect } from "../../src/actors/effects/purge.ts";
import { Retryable } from "../../src/actors/runtime/errors.ts";
import type { Blobs, EffectInHand, EvidenceFiles } from "../../src/actors/runtime/ports.ts";
import { judgeInside } from "../../src/proof/judge-file.ts";
import { onEachStore } from "../store/on-each-store.ts";
import { aCollecte, morning } from "../support/collecte-builder.ts";
import { thrownBy } from "../support/thrown.ts";
import { writeLetter } from "../workers/letters.ts";
import { type EvidenceBench, evidenceFilesOf, firmId, openEvidenceBench, sha256 } from "./evidence-bench.ts";

const collecteId = "col_1";

onEachStore("an evidence file that is made after the purge, since the TSA was away for a month", (open) => {
  let bench: EvidenceBench;
  let state: Collecte;
  let head: string;

  beforeEach(async () => {
    bench = await openEvidenceBench({ at: morning }, await open());
    const [path, outPath] = [join(bench.folder, "letter.pdf"), join(bench.folder, "signed.pdf")];
    await writeLetter(path, true);
    const signer = bench.trust.client("Zoé");
    const task = { path, outPath, signer, signingTime: morning, name: "Zoé" };
    expect(await bench.signAtLevel(task, "B-B", { complete: true })).to.include({ ok: true });
    head = sha256(await readFile(outPath));
    await bench.store.blobs.adopt(outPath, head);
    await bench.live(collecteId, aCollecte().launched().signedBy("s1"));
    const view = await bench.store.reads.collecte(firmId, collecteId);
    if (view === undefined) throw new Error("no collecte");
    state = { ...view.state, documents: view.state.documents.map((one) => ({ ...one, head })) };
  });
  afterEach(() => bench.close());

  /** As the effect does it, a month after the end. */
  async function purge(of = state): Promise<void> {
    const { blobs, retention } = bench.store;
    const clock = { now: () => morning + 40 * 86_400_000 };
    const effect = purgeEffect({ blobs, retention, evidence: bench.files, clock, isHeld: async () => false });
    const row = { actorId: collecteId, firmId } as EffectInHand["row"];
    const done = await effect({ row, state: { ...of, endedAt: morning, purgingAt: morning } });
    expect(done?.type).to.equal("RecordPurge");
    expect(await blobs.has(head)).to.equal(false);
  }

  async function certificatesIn(
    made: { sha256: string },
    files: EvidenceFiles = bench.files,
  ): Promise<string[]> {
    const { checks, record } = judgeInside(await files.open(firmId, collecteId, made.sha256));
    expect(checks.flatMap(({ problems }) => problems)).to.deep.equal([]);
    return record?.certificates.map((one) => one.sha256) ?? [];
  }

  const make = (of = state, files = bench.files) => files.make({ firmId, collecteId, state: of });
  const reading = (blobs: Partial<Blobs>) =>
    evidenceFilesOf(bench.store, bench.trust, { ...bench.store.blobs, ...blobs });

  it("has the signatories' certificates that went with the documents, however often the purge was begun", async () => {
    const inTime = await certificatesIn(await make());
    expect(inTime).to.have.length.greaterThan(0);
    await purge();
    // Its answer was lost: it is done again, and finds no document.
    await purge();
    expect(await certificatesIn(await make({ ...state, purgedAt: morning }))).to.have.members(inTime);
  });

  it("has them too when the purge comes between its reading of two documents", async () => {
    const inTime = await certificatesIn(await make());
    let isPurged = false;
    const files = reading({
      async borrow(digest) {
        if (!isPurged) await purge();
        isPurged = true;
        return bench.store.blobs.borrow(digest);
      },
    });
    expect(await certificatesIn(await make(state, files), files)).to.have.members(inTime);
  });

  it("waits for the file before it when that can't be read now, and says nothing less than it said", async () => {
    const evidence = { ...(await make()), at: morning };
    const filed = { ...state, evidence };
    await purge(filed);
    expect(await bench.store.keptCertificates.of(collecteId), "the file has them").to.equal(undefined);
    const purged = { ...filed, purgedAt: morning };
    const away = reading({ open: () => Promise.reject(new Retryable("blobs_unreachable")) });
    expect(await thrownBy(make(purged, away))).to.include({ code: "blobs_unreachable" });
    expect(await certificatesIn(await make(purged))).to.deep.equal(await certificatesIn(evidence));
  });

  it("is given up with what was kept for it: nothing of that was ever in the clear", async () => {
    await purge();
    const { keptCertificates, retention } = bench.store;
    const kept = Buffer.from((await keptCertificates.of(collecteId)) ?? []);
    expect(kept.length).to.be.greaterThan(0);
    expect(kept.toString("latin1")).not.to.match(/MII/);
    await retention.destroyKey(collecteId);
    expect(await keptCertificates.of(collecteId)).to.equal(undefined);
  });
});
