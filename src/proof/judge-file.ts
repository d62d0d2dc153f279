import { hash } from "node:crypto";
import { drawnPages } from "../workers/paper/paper.ts";
import { readPaper } from "../workers/paper/read-paper.ts";
import { certificatesIn } from "../workers/paper/tasks.ts";
import { PdfRefused } from "../workers/pdf/refused.ts";
import { bytesSource } from "../workers/pdf/source.ts";
import type { VerifyReport } from "../workers/verify-document.ts";
import { readCertificate } from "../workers/x509/certificate.ts";
import { keyPurposeOids } from "../workers/x509/oids.ts";
import { type CheckedRecord, checkRecordText } from "./check-record.ts";
import { judgeInclusion } from "./judge-inclusion.ts";
import { evidencePaper } from "./pages.ts";
import { type ExportedRecord, pagesVersion } from "./record.ts";

/** One thing that was looked at; without problems it holds. */
export interface Check {
  check: "seal" | "sealer" | "timestamp" | "record" | "facts" | "pages" | "inclusion" | "documents";
  problems: string[];
  /** What can't be said, though nothing is wrong. */
  open?: string[];
}

/** An evidence file or a record, judged offline. */
export interface JudgedFile {
  kind: "evidence" | "record";
  checks: Check[];
  record?: ExportedRecord;
  documents: CheckedRecord["documents"];
  sealedAt?: number;
  provenAt?: number;
}

/**
 * Judges the bytes of an evidence file of which the verifier has said `report`. What is inside is looked at only once the
 * seal has passed: then an engine made it.
 */
export function judgeEvidence(path: string, bytes: Uint8Array, report: VerifyReport): JudgedFile {
  const [seal, second] = report.signatures;
  const sealing: Check = { check: "seal", problems: [...report.problems] };
  if (seal === undefined) return { kind: "evidence", checks: [sealing], documents: {} };
  sealing.problems.push(...seal.problems, ...report.documentTimestamps.flatMap(({ problems }) => problems));
  if (second !== undefined) sealing.problems.push("signed_again");
  if (!intact.has(seal.changedAfter)) sealing.problems.push("changed_after_seal");
  if (report.sha256 !== hash("sha256", bytes)) sealing.problems.push("file_changed");
  // A verifier has to bear blank bytes at the end of anybody's PDF; an engine writes none.
  if (Buffer.from(bytes.subarray(-ending.length)).toString("latin1") !== ending)
    sealing.problems.push("bytes_after_end");
  if (report.verdict !== "TOTAL-PASSED" && sealing.problems.length === 0)
    sealing.problems.push(report.indication);
  const { provenAt, signedAt } = seal;
  const timestamp: Check = {
    check: "timestamp",
    problems: provenAt === undefined ? ["timestamp_missing"] : [],
  };
  const times = {
    ...(provenAt !== undefined && { provenAt }),
    ...(signedAt !== undefined && { sealedAt: signedAt }),
  };
  if (sealing.problems.length > 0)
    return { kind: "evidence", checks: [sealing, timestamp], documents: {}, ...times };
  const sealer: Check = { check: "sealer", problems: sealerProblems(path, seal) };
  const inside = judgeInside(bytes);
  return { kind: "evidence", ...inside, checks: [sealing, sealer, timestamp, ...inside.checks], ...times };
}

/** What is in an evidence file, its seal aside: the record, and what the pages say of it. */
export function judgeInside(bytes: Uint8Array): Pick<JudgedFile, "checks" | "record" | "documents"> {
  let paper: ReturnType<typeof readPaper>;
  try {
    paper = readPaper(bytesSource(bytes));
  } catch (error) {
    if (!(error instanceof PdfRefused)) throw error;
    return { checks: [{ check: "record", problems: [error.code] }], documents: {} };
  }
  const text = Buffer.from(paper.attachment ?? []).toString();
  const { faults, record, documents } = checkRecordText(text);
  const checks: Check[] = [{ check: "record", problems: faults }];
  if (record === undefined || faults.length > 0) return { checks, documents };
  const expected = evidencePaper(record, text, hash("sha256", text));
  const differ = Object.entries(expected.facts).filter(([name, value]) => paper.facts[name] !== value);
  checks.push({ check: "facts", problems: differ.map(([name]) => `${name}_differs`) });
  checks.push(
    record.pages === pagesVersion
      ? {
          check: "pages",
          problems: isSame(drawnPages(expected).contents, paper.contents) ? [] : ["pages_differ"],
        }
      : { check: "pages", problems: [], open: ["pages_of_another_version"] },
  );
  return { checks, record, documents };
}

/** Judges the text of a record that left an engine by itself, with the proof that it carries. */
export function judgeRecord(text: string, trustDer: readonly Uint8Array[]): JudgedFile {
  const { faults, record, documents } = checkRecordText(text);
  const checks: Check[] = [{ check: "record", problems: faults }];
  if (record !== undefined) checks.push(judgeInclusion(record, trustDer));
  return { kind: "record", checks, documents, ...(record !== undefined && { record }) };
}

const ending = "%%EOF\n";
const intact: ReadonlySet<string> = new Set(["nothing", "signatures-only"]);

function sealerProblems(path: string, { certificate }: VerifyReport["signatures"][number]): string[] {
  const found = certificatesIn(path);
  const all = found.ok ? found.certificates.map((der) => readCertificate(der)) : [];
  const sealer = all.find(({ sha256 }) => sha256 === certificate?.sha256);
  const isEvidenceSeal = sealer?.extendedKeyUsage?.purposes.includes(keyPurposeOids.documentSigning) === true;
  return isEvidenceSeal ? [] : ["not_an_evidence_seal"];
}

const isSame = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((one, i) => one === others[i]);
