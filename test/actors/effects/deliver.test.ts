import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect } from "chai";
import type { Collecte } from "../../../src/actors/collecte/state.ts";
import { deliverEffect } from "../../../src/actors/effects/deliver.ts";
import { safeName } from "../../../src/actors/effects/delivery-files.ts";
import { createDeliveryFolder } from "../../../src/actors/effects/delivery-folder.ts";
import { delayCommand } from "../../../src/actors/effects/effects.ts";
import { Retryable, Terminal } from "../../../src/actors/runtime/errors.ts";
import type { DeliveryTarget, EffectInHand } from "../../../src/actors/runtime/ports.ts";
import { temporaryFolder } from "../../support/folders.ts";
import { thrownBy } from "../../support/thrown.ts";
import { creation, directory, launchedAt, played } from "./played.ts";

const bytes = Buffer.from("%PDF-1.7 signed");
const sha256 = createHash("sha256").update(bytes).digest("hex");
const hourMs = 3_600_000;
const endedAt = launchedAt + hourMs;

/** A completed collecte with one signed document and, unless said, an evidence file of the same bytes. */
function completed(change: Partial<Collecte> = {}, attempts = 1): EffectInHand {
  const { state } = played(creation());
  const [document] = state.documents;
  if (!document) throw new Error("no document");
  const row = {
    ...{ id: "col_1.9.0", actorId: "col_1", actorKind: "collecte", firmId: "firm_1", kind: "deliver" },
    ...{
      payload: { kind: "deliver" },
      attempts,
      faults: 0,
      doubts: 0,
      lapses: 0,
      dueAt: 0,
      leaseUntil: null,
    },
  };
  return {
    row,
    state: {
      ...state,
      status: "completed",
      endedAt,
      terms: { delivery: "pushed" },
      documents: [{ ...document, head: sha256, bytes: bytes.length, level: "B-LTA" }],
      evidence: { sha256, bytes: bytes.length, level: "B-LTA", at: endedAt },
      personal: { ...state.personal, documentNames: { doc_1: "../../Lettre de mission/été.pdf" } },
      ...change,
    },
  };
}

describe("a delivery", () => {
  let base: string;
  beforeEach(async () => {
    base = await temporaryFolder();
  });
  afterEach(() => rm(base, { recursive: true, force: true }));

  const deliver = (
    delivery: DeliveryTarget | undefined,
    put: () => Promise<void> = async () => {},
    hasFolder = true,
  ) =>
    deliverEffect({
      blobs: {
        open: async () => ({ stream: Readable.from([bytes], { objectMode: false }), bytes: bytes.length }),
      },
      directory: {
        firm: async (id) => {
          const firm = await directory.firm(id);
          return firm && { ...firm, settings: delivery ? { delivery } : {} };
        },
      },
      objectStores: { put },
      folder: hasFolder ? createDeliveryFolder(base) : undefined,
      clock: { now: () => endedAt + 60_000 },
    });
  const toFolder: DeliveryTarget = { kind: "folder", path: "out/signed" };
  const home = () => join(base, "firm_1", "out", "signed");

  it("puts the documents, the evidence file and an index in a folder of the firm's own, twice as well", async () => {
    for (let twice = 0; twice < 2; twice++)
      expect(await deliver(toFolder)(completed())).to.deep.include({ type: "RecordDelivery", how: "pushed" });
    const [name, ...others] = await readdir(home());
    expect(others).to.deep.equal([]);
    expect(name).to.equal("2026-11-23 Lettre de mission 2027 col_1");
    const files = await readdir(join(home(), name ?? ""));
    expect(files).to.have.members([
      "01 _.._Lettre de mission_été.pdf",
      "dossier-de-preuve.pdf",
      "index.json",
    ]);
    const index = JSON.parse(await readFile(join(home(), name ?? "", "index.json"), "utf8"));
    expect(index).to.deep.include({ collecte: "col_1", title: "Lettre de mission 2027" });
    expect(index.documents[0]).to.deep.include({
      sha256,
      level: "B-LTA",
      file: files.find((one) => one.startsWith("01")),
    });
    expect(index.evidence).to.include({ file: "dossier-de-preuve.pdf", sha256 });
  });

  it("leaves nothing half made, takes up what a killed process left, and overwrites nobody's files", async () => {
    await mkdir(join(home(), ".unfinished 2026-11-23 Lettre de mission 2027 col_1 old"), { recursive: true });
    await deliver(toFolder)(completed());
    const [name, ...others] = await readdir(home());
    expect(others).to.deep.equal([]);
    await writeFile(join(home(), name ?? "", "index.json"), "mine");
    expect(await thrownBy(deliver(toFolder)(completed()))).to.have.property("code", "delivery_taken");
    expect(await readFile(join(home(), name ?? "", "index.json"), "utf8")).to.equal("mine");
    expect(await readdir(home())).to.deep.equal([name]);
  });

  it("leaves nothing of a try that failed, which may have been the last before the purge", async () => {
    const [document] = completed().state.documents;
    if (!document) expect.fail();
    const damaged = completed({ documents: [{ ...document, head: "0".repeat(64) }] });
    expect(await thrownBy(deliver(toFolder)(damaged))).to.have.property("code", "delivery_unconfirmed");
    expect(await readdir(home())).to.deep.equal([]);
  });

  it("leaves the folder of the firm by no path and by no link", async () => {
    const outside = await temporaryFolder();
    for (const path of ["..", "a/../../b", "", "/etc", "a//b", ".hidden", "a\\..\\b"]) {
      const target: DeliveryTarget = { kind: "folder", path };
      expect(await thrownBy(deliver(target)(completed())), path).to.have.property("code", "delivery_refused");
    }
    await mkdir(join(base, "firm_1"));
    await symlink(outside, join(base, "firm_1", "link"));
    const linked: DeliveryTarget = { kind: "folder", path: "link" };
    expect(await thrownBy(deliver(linked)(completed()))).to.have.property("code", "delivery_refused");
    expect(await readdir(outside)).to.deep.equal([]);
    await rm(outside, { recursive: true });
  });

  it("does not make the operator's folder: the disk may not be there", async () => {
    await rm(base, { recursive: true });
    expect(await thrownBy(deliver(toFolder)(completed()))).to.have.property("code", "delivery_unreachable");
    await mkdir(base);
  });

  it("to a bucket ends with the index", async () => {
    const keys: string[] = [];
    const put = async (..._asked: unknown[]) => void keys.push(String(_asked[1]));
    const bucket: DeliveryTarget = { kind: "s3", bucket: "b", accessKeyId: "k", secretAccessKey: "s" };
    await deliver(bucket, put)(completed());
    expect(keys).to.have.length(3);
    expect(keys.at(-1)).to.equal("2026-11-23 Lettre de mission 2027 col_1/index.json");
  });

  it("is tried again whatever happened, in the end each hour", async () => {
    const fail = async () => {
      throw new Terminal("outgoing_address_refused");
    };
    const bucket: DeliveryTarget = { kind: "s3", bucket: "b", accessKeyId: "k", secretAccessKey: "s" };
    const early = await thrownBy(deliver(bucket, fail)(completed()));
    expect(early)
      .to.be.instanceOf(Retryable)
      .and.to.include({ code: "outgoing_address_refused", retryAfterMs: undefined });
    const late = await thrownBy(deliver(bucket, fail)(completed({}, 9)));
    expect(late).to.include({ retryAfterMs: hourMs });
    expect(await thrownBy(deliver(undefined)(completed()))).to.have.property("code", "delivery_not_set");
    expect(await thrownBy(deliver(toFolder, undefined, false)(completed()))).to.have.property(
      "code",
      "delivery_not_set",
    );
  });

  it("waits an hour for the evidence file, and no longer", async () => {
    const { evidence: _, ...bare } = completed().state;
    const waiting = { ...completed(), state: bare };
    expect(await thrownBy(deliver(toFolder)(waiting))).to.have.property("code", "evidence_awaited");
    const late = { ...waiting, state: { ...bare, endedAt: endedAt - 2 * hourMs } };
    expect(await deliver(toFolder)(late)).to.include({ type: "RecordDelivery" });
  });

  it("is not done twice, nor once the documents are being purged", async () => {
    expect(await deliver(toFolder)(completed({ deliveredAt: endedAt }))).to.equal(undefined);
    expect(await deliver(toFolder)(completed({ purgingAt: endedAt }))).to.equal(undefined);
    expect(await readdir(base)).to.deep.equal([]);
  });

  it("that fails for ten minutes is told once", () => {
    const away = new Retryable("delivery_unreachable");
    const told = (effect: EffectInHand) => delayCommand(effect, away, endedAt);
    expect(told(completed({}, 7))).to.equal(undefined);
    expect(told(completed({}, 8))).to.deep.equal({
      type: "RecordUpkeepFailure",
      what: "deliver",
      code: "delivery_unreachable",
      at: endedAt,
    });
    const known = { upkeep: { deliver: { code: "delivery_unreachable", at: endedAt } } };
    expect(told(completed(known, 20))).to.equal(undefined);
  });
});

describe("a name of a file", () => {
  it("has letters, figures and a few signs, and is no longer than file systems take", () => {
    expect(safeName("a/b\\c\0d\n../é", 100)).to.equal("a_b_c_d_.._é");
    expect(safeName(" .hidden. ", 100)).to.equal("hidden");
    expect(safeName("///", 100)).to.equal("_");
    expect(safeName("", 100)).to.equal("_");
    expect(Buffer.byteLength(safeName("é".repeat(200), 101))).to.equal(100);
  });
});
