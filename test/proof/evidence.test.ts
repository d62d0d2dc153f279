import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { expect } from "chai";
import type { Event } from "../../src/actors/collecte/events.ts";
import { canonicalJson } from "../../src/actors/runtime/canonical-json.ts";
import { checkRecordText } from "../../src/proof/check-record.ts";
import { judgeEvidence, judgeInside } from "../../src/proof/judge-file.ts";
import { type ExportedRecord, sealOf } from "../../src/proof/record.ts";
import { hashOf } from "../../src/store/chain.ts";
import { readPaper } from "../../src/workers/paper/read-paper.ts";
import { bytesSource } from "../../src/workers/pdf/source.ts";
import { verifySource } from "../../src/workers/verify-document.ts";
import { canaries, canaryDraft } from "../store/lives.ts";
import { aCollecte, morning } from "../support/collecte-builder.ts";
import { thrownBy } from "../support/thrown.ts";
import { writeLetter } from "../workers/letters.ts";
import { type EvidenceBench, firmId, openEvidenceBench, sha256 } from "./evidence-bench.ts";

describe("an evidence file", () => {
  let bench: EvidenceBench;

  beforeEach(async () => {
    bench = await openEvidenceBench({ at: morning });
  });
  afterEach(() => bench.close());

  const recordIn = (file: Buffer): ExportedRecord =>
    JSON.parse(Buffer.from(readPaper(bytesSource(file)).attachment ?? []).toString());

  const problemsOf = (file: Buffer, trustDer = [bench.trust.rootDer]) =>
    judgeEvidence(
      join(bench.folder, "file.pdf"),
      file,
      verifySource(bytesSource(file), { trustDer, at: morning }),
    ).checks.flatMap(({ problems }) => problems);

  async function fileOf(told: Parameters<EvidenceBench["live"]>[1]): Promise<Buffer> {
    await bench.live("col_1", told);
    const file = await bench.evidence("col_1");
    await writeFile(join(bench.folder, "file.pdf"), file);
    return file;
  }

  it("is sealed and timestamped at B-T at least, and leads to the root alone", async () => {
    const file = await fileOf(aCollecte().launched().signedBy("s1"));
    const report = verifySource(bytesSource(file), { trustDer: [bench.trust.rootDer], at: morning });
    expect(report.signatures.map(({ verdict, level }) => [verdict, level])).to.deep.equal([
      ["TOTAL-PASSED", "B-T"],
    ]);
    expect(problemsOf(file)).to.deep.equal([]);
  });

  it("holds every event as it is stored, and the key that opens them", async () => {
    const file = await fileOf(canaryDraft().launched().signedBy("s1"));
    const record = recordIn(file);
    const stored = await bench.store.records.record(firmId, "col_1");
    expect(record.events).to.deep.equal(stored?.events);
    expect(record.head.hash).to.equal(stored?.headHash);
    expect(judgeInside(file).record?.key).to.equal(Buffer.from(stored?.key ?? []).toString("base64"));
  });

  it("is kept as ciphertext: without the key nothing of it can be read", async () => {
    await bench.live("col_1", canaryDraft().launched());
    const view = await bench.store.reads.collecte(firmId, "col_1");
    if (view === undefined) throw new Error("no collecte");
    const made = await bench.files.make({ firmId, collecteId: "col_1", state: view.state });
    const kept = await buffer((await bench.store.blobs.open(made.sha256)).stream);
    expect(sha256(kept)).to.equal(made.sha256);
    expect(kept.length).to.equal(made.bytes);
    for (const said of [...Object.values(canaries), "%PDF"]) expect(kept.includes(said)).to.equal(false);

    await bench.beside((database) =>
      database.transaction((writer) => writer.run("DELETE FROM actor_keys WHERE actor_id = $1", "col_1")),
    );
    const fault = await thrownBy(bench.files.open(firmId, "col_1", made.sha256));
    expect(fault).to.include({ code: "blob_missing" });
  });

  it("does not pass when somebody else's certificate of the same root has sealed it", async () => {
    const file = await fileOf(aCollecte().launched().signedBy("s1"));
    const { attachment } = readPaper(bytesSource(file));
    expect(attachment).to.have.length.greaterThan(0);
    const [path, outPath] = [join(bench.folder, "plain.pdf"), join(bench.folder, "file.pdf")];
    // Its first revision, before any seal.
    await writeFile(path, file.subarray(0, file.indexOf("%%EOF") + 6));
    const { seal: signer } = bench.trust;
    const sealed = await bench.signAtLevel(
      { path, outPath, signer, signingTime: morning, name: "Cabinet" },
      "B-T",
      {
        complete: true,
      },
    );
    expect(sealed).to.include({ ok: true });
    expect(problemsOf(await readFile(outPath))).to.deep.equal(["not_an_evidence_seal"]);
  });

  it("does not pass under another root", async () => {
    const file = await fileOf(aCollecte().launched().signedBy("s1"));
    const other = await openEvidenceBench({ at: morning });
    try {
      expect(problemsOf(file, [other.trust.rootDer])).to.include("chain_untrusted");
    } finally {
      await other.close();
    }
  });

  it("does not pass with a blank more at its end", async () => {
    const file = await fileOf(aCollecte().launched().signedBy("s1"));
    expect(problemsOf(Buffer.concat([file, Buffer.from("\n")]))).to.include("bytes_after_end");
  });

  it("carries a record of which any text is judged, never thrown at", async () => {
    const file = await fileOf(aCollecte().launched());
    const { sha256: _, ...record } = recordIn(file);
    const [created] = record.events;
    if (created === undefined) throw new Error("no event");
    const event = { ...created, data: "{" };
    const hash = hashOf({ ...event, actorId: record.collecte.id }, "");
    const rest = { ...record, events: [{ ...event, hash }], head: { version: 1, hash, events: 1 } };
    const { faults } = checkRecordText(canonicalJson({ ...rest, sha256: sealOf(rest) }));
    expect(faults).to.deep.equal(["documents_broken", "personal_unreadable"]);
  });

  it("is in the collecte's language, and never tells a code", async () => {
    const file = await fileOf(aCollecte().launched().consentedBy("s1").wrongCodeFrom("s1"));
    const { events } = recordIn(file);
    expect(events.map(({ type }) => type)).to.include("OtpFailed");
    expect(file.includes("Dossier de preuve")).to.equal(true);
  });
});

describe("the certificates of an evidence file", () => {
  it("come from the signed documents, and from the file before when those are purged", async () => {
    const bench = await openEvidenceBench({ at: morning });
    try {
      const { trust, store, folder } = bench;
      const [path, outPath] = [join(folder, "letter.pdf"), join(folder, "signed.pdf")];
      await writeLetter(path, true);
      const task = { path, outPath, signer: trust.client("Zoé"), signingTime: morning, name: "Zoé" };
      expect(await bench.signAtLevel(task, "B-B", { complete: true })).to.include({ ok: true });
      const head = sha256(await readFile(outPath));
      await store.blobs.adopt(outPath, head);
      await bench.live("col_1", aCollecte().launched().signedBy("s1"));
      const view = await store.reads.collecte(firmId, "col_1");
      if (view === undefined) throw new Error("no collecte");
      const documents = view.state.documents.map((one) => ({ ...one, head }));
      const of = { firmId, collecteId: "col_1", state: { ...view.state, documents } };
      const certificatesOf = async (made: { sha256: string }) => {
        const file = await bench.files.open(firmId, "col_1", made.sha256);
        const { attachment } = readPaper(bytesSource(file));
        return (JSON.parse(Buffer.from(attachment ?? []).toString()) as ExportedRecord).certificates;
      };
      const first = await bench.files.make(of);
      const before = await certificatesOf(first);
      expect(before).to.have.length.greaterThan(0);

      await store.blobs.remove(head);
      const filed: Extract<Event, { type: "EvidenceFiled" }> = {
        type: "EvidenceFiled",
        ...first,
        at: morning,
      };
      const purged = { ...of.state, evidence: filed, purgedAt: morning };
      expect(await certificatesOf(await bench.files.make({ ...of, state: purged }))).to.deep.equal(before);
    } finally {
      await bench.close();
    }
  });
});
