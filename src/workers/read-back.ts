import { createHash } from "node:crypto";
import type { SignResult } from "../actors/runtime/ports.ts";
import { type VerifyReport, verifyDocument } from "./verify-document.ts";

/** What the file must be, if what was written is what is there. */
export interface Expected {
  sha256: string;
  /** The signer's. */
  certificateDer: Uint8Array;
  rootDer: Uint8Array;
}

/** What the finished file says of the signature just made. */
export type OwnSignature = Pick<SignResult & { ok: true }, "fieldName" | "certificate" | "level">;

/** The file is not what it should be; `complaints` name problems, and no text of the document. */
export class ReadBackFailed extends Error {
  readonly complaints: string;

  constructor(complaints: string) {
    super("read back and found wrong");
    this.complaints = complaints;
  }
}

/**
 * Reads a finished file from the disk and judges it: the signature just made passes and covers all, and no earlier
 * one fails. An earlier one may be undecided: it may lead to a root that is not this signer's. Throws `ReadBackFailed`.
 */
export function readBack(path: string, expected: Expected): OwnSignature {
  const report = verifyDocument(path, { trustDer: [expected.rootDer] });
  const own = ownSignature(report, expected);
  if (own === undefined) throw new ReadBackFailed(complaintsOf(report));
  return own;
}

function ownSignature(report: VerifyReport, expected: Expected): OwnSignature | undefined {
  if (report.sha256 !== expected.sha256 || report.problems.length > 0) return undefined;
  if (report.verdict === "TOTAL-FAILED") return undefined;
  const own = report.signatures.filter((signature) => signature.coversWholeFile);
  const [signature] = own;
  if (own.length !== 1 || signature?.verdict !== "TOTAL-PASSED") return undefined;
  const { fieldName, certificate, level } = signature;
  if (level === "unknown") return undefined;
  const sha256 = createHash("sha256").update(expected.certificateDer).digest("hex");
  if (certificate?.sha256 !== sha256) return undefined;
  return { fieldName, level, certificate: { sha256, serialHex: certificate.serialHex } };
}

function complaintsOf(report: VerifyReport): string {
  const ofSignatures = report.signatures.flatMap(({ fieldName, problems }) =>
    problems.map((p) => `${fieldName}: ${p}`),
  );
  return [report.verdict, ...report.problems, ...ofSignatures].join(", ");
}
