import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { canonicalJson } from "../../src/actors/runtime/canonical-json.ts";
import { leafHash, pathTo, rootOver, statementDigest } from "../../src/actors/runtime/merkle.ts";
import { checkRecordText } from "../../src/proof/check-record.ts";
import { judgeEvidence, judgeInside, judgeRecord } from "../../src/proof/judge-file.ts";
import { type ExportedRecord, sealOf } from "../../src/proof/record.ts";
import { hashOf } from "../../src/store/chain.ts";
import { readPaper } from "../../src/workers/paper/read-paper.ts";
import { bytesSource } from "../../src/workers/pdf/source.ts";
import { verifySource } from "../../src/workers/verify-document.ts";
import { type EvidenceBench, openEvidenceBench } from "../proof/evidence-bench.ts";
import { seeded } from "../support/chance.ts";
import { aCollecte, morning } from "../support/collecte-builder.ts";

type Chance = (below: number) => number;

/** An edit that nobody found, and how it was made. */
export interface Unfound {
  layer: Layer;
  edit: string;
}

/** Who must find it: the seal of the file; the record by itself; the hourly root over a record that was written anew. */
export type Layer = "file" | "record" | "rewritten";

/** A file, its record under a stamped root, and whom to trust. */
export interface Subject {
  file: Buffer;
  text: string;
  trustDer: readonly Uint8Array[];
  path: string;
}

/** A collecte of two documents, with three signatories, a wrong code and a seal. */
export async function evidenceSubject(bench: EvidenceBench): Promise<Subject> {
  const told = aCollecte({ steps: ["s1", ["s2", "s3"], "seal"], documents: 2, copies: ["c1"] })
    .launched()
    .consentedBy("s1")
    .wrongCodeFrom("s1")
    .codeGivenBy("s1")
    .applied()
    .signedBy("s2", "s3")
    .sealed();
  await bench.live("col_subject", told);
  const file = await bench.evidence("col_subject");
  const { attachment } = readPaper(bytesSource(file));
  const record = JSON.parse(Buffer.from(attachment ?? []).toString()) as ExportedRecord;
  const text = canonicalJson(await underRoot(record, bench));
  const path = join(bench.folder, "subject.pdf");
  writeFileSync(path, file);
  return { file, text, path, trustDer: [bench.trust.rootDer] };
}

/** The record with the proof that it is one of three under a stamped root. */
async function underRoot(
  { sha256: _, ...record }: ExportedRecord,
  { trust }: EvidenceBench,
): Promise<ExportedRecord> {
  const { id: actorId } = record.collecte;
  const { version, hash } = record.head;
  const others = ["col_a", "col_z"].map((id) => leafHash({ actorId: id, version: 1, hash: "0".repeat(64) }));
  const leaves = [others[0], leafHash({ actorId, version, hash }), others[1]].flatMap((one) => one ?? []);
  const root = Buffer.from(rootOver(leaves)).toString("hex");
  const tree = { hour: 495_000, count: 3, root, previous: "" };
  const token = Buffer.from(await trust.tsa.stamp(statementDigest(tree))).toString("base64");
  const path = pathTo(1, leaves).map((one) => Buffer.from(one).toString("hex"));
  const inclusion = { actorId, version, head: hash, position: 1, path, ...tree, token };
  const whole = { ...record, inclusion };
  return { ...whole, sha256: sealOf(whole) };
}

/** Makes so many random edits in each layer, and tells those that nobody found. */
export function unfoundEdits(subject: Subject, { tries, seed }: { tries: number; seed: number }): Unfound[] {
  const chance = seeded(seed);
  const unfound: Unfound[] = [];
  for (let i = 0; i < tries; i++) {
    const file = editedBytes(subject.file, chance);
    if (!isFileFound(subject, file.bytes)) unfound.push({ layer: "file", edit: file.edit });
    const record = editedRecord(subject.text, chance);
    if (!isRecordFound(record.text)) unfound.push({ layer: "record", edit: record.edit });
    const rewritten = rewrittenRecord(subject.text, chance);
    if (!isRewriteFound(subject, rewritten.text)) unfound.push({ layer: "rewritten", edit: rewritten.edit });
  }
  return unfound;
}

function isFileFound({ path, trustDer }: Subject, bytes: Buffer): boolean {
  const report = verifySource(bytesSource(bytes), { trustDer, at: morning + 3_600_000 });
  return judgeEvidence(path, bytes, report).checks.some(({ problems }) => problems.length > 0);
}

const isRecordFound = (text: string): boolean => checkRecordText(text).faults.length > 0;

const isRewriteFound = ({ trustDer }: Subject, text: string): boolean =>
  judgeRecord(text, trustDer).checks.some(
    ({ problems, open = [] }) => problems.length > 0 || open.length > 0,
  );

/** One of: a byte changed, a piece removed, doubled, swapped with another, the end cut off, something added. */
function editedBytes(whole: Buffer, chance: Chance): { bytes: Buffer; edit: string } {
  for (;;) {
    const at = chance(whole.length);
    const length = 1 + chance(Math.min(400, whole.length - at));
    const kinds = {
      change: () => {
        const bytes = Buffer.from(whole);
        bytes[at] = chance(256);
        return bytes;
      },
      remove: () => Buffer.concat([whole.subarray(0, at), whole.subarray(at + length)]),
      double: () => Buffer.concat([whole.subarray(0, at + length), whole.subarray(at)]),
      swap: () => {
        const other = chance(whole.length - length + 1);
        const [first, second] = [Math.min(at, other), Math.max(at, other)];
        if (second - first < length || second + length > whole.length) return whole;
        return Buffer.concat([
          whole.subarray(0, first),
          whole.subarray(second, second + length),
          whole.subarray(first + length, second),
          whole.subarray(first, first + length),
          whole.subarray(second + length),
        ]);
      },
      truncate: () => whole.subarray(0, at),
      append: () => Buffer.concat([whole, Buffer.from(`\n% ${at}\n%%EOF\n`)]),
    };
    const names = Object.keys(kinds) as (keyof typeof kinds)[];
    const kind = names[chance(names.length)] ?? "change";
    const bytes = kinds[kind]();
    if (!bytes.equals(whole)) return { bytes, edit: `${kind} at ${at}, ${length} bytes` };
  }
}

/** Its bytes edited; or its events removed, swapped, doubled, cut off or changed, and all but the chain made to agree. */
function editedRecord(whole: string, chance: Chance): { text: string; edit: string } {
  if (chance(3) === 0) {
    const { bytes, edit } = editedBytes(Buffer.from(whole), chance);
    return { text: bytes.toString(), edit };
  }
  const record = JSON.parse(whole) as ExportedRecord;
  const edit = editedEvents(record, chance);
  // Who edits a chain without making it anew can still make the rest agree, but for the head that the record names.
  const { sha256: _, ...rest } = { ...record, head: { ...record.head, events: record.events.length } };
  return { text: canonicalJson({ ...rest, sha256: sealOf(rest) }), edit };
}

/** As above, with the chain made anew to its end, and the head with it: only what is outside the record can tell. */
function rewrittenRecord(whole: string, chance: Chance): { text: string; edit: string } {
  const record = JSON.parse(whole) as ExportedRecord;
  const edit = editedEvents(record, chance);
  let head = "";
  for (const event of record.events) {
    event.previousHash = head;
    event.hash = hashOf({ ...event, actorId: record.collecte.id }, head);
    head = event.hash;
  }
  const version = record.events.at(-1)?.version ?? 0;
  const { sha256: _, ...rest } = { ...record, head: { version, hash: head, events: record.events.length } };
  // Half of them claim the new end in the proof as well.
  if (rest.inclusion !== undefined && chance(2) === 0) rest.inclusion = { ...rest.inclusion, version, head };
  return { text: canonicalJson({ ...rest, sha256: sealOf(rest) }), edit: `rewritten after ${edit}` };
}

function editedEvents({ events }: ExportedRecord, chance: Chance): string {
  const at = chance(events.length);
  const one = events[at];
  if (one === undefined) throw new Error("a record without events");
  switch (chance(5)) {
    case 0:
      events.splice(at, 1);
      return `event ${at} removed`;
    case 1: {
      const other = (at + 1 + chance(events.length - 1)) % events.length;
      [events[at], events[other]] = [events[other] ?? one, one];
      return `events ${at} and ${other} swapped`;
    }
    case 2:
      events.splice(at, 0, { ...one });
      return `event ${at} doubled`;
    case 3:
      events.splice(Math.max(1, at));
      return `cut off after ${Math.max(1, at)}`;
    default:
      one.at += 1 + chance(100_000);
      return `event ${at} at another time`;
  }
}

// node dist/test/drill/evidence-edits.js [--tries 10000] [--seed 1]: ends with 1 when an edit was not found.
if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: { tries: { type: "string", default: "10000" }, seed: { type: "string", default: "1" } },
  });
  const bench = await openEvidenceBench({ at: morning });
  try {
    const subject = await evidenceSubject(bench);
    const whole = judgeInside(subject.file).checks.flatMap(({ problems }) => problems);
    if (whole.length > 0) throw new Error(`the file itself is wrong: ${whole.join()}`);
    const [tries, seed] = [Number(values.tries), Number(values.seed)];
    const unfound = unfoundEdits(subject, { tries, seed });
    process.stdout.write(`${tries} edits in each of 3 layers, ${unfound.length} not found\n`);
    for (const one of unfound.slice(0, 20)) process.stdout.write(`  ${one.layer}: ${one.edit}\n`);
    if (unfound.length > 0) process.exitCode = 1;
  } finally {
    await bench.close();
  }
}
