import { createHash } from "node:crypto";
import type { SignResult } from "../actors/runtime/ports.ts";
import { baseState } from "./base-states.ts";
import { withDocument } from "./open-document.ts";
import { type VerifyReport, verifySource } from "./verify-document.ts";

/** What the file must be, if what was written is what is there. */
export interface Expected {
  sha256: string;
  /** The signer's. */
  certificateDer: Uint8Array;
  rootDer: Uint8Array;
  /** Further anchors: of the timestamps. */
  trustDer?: readonly Uint8Array[];
  /** Evidence follows the signature, so that it covers all but that. */
  isFollowed?: boolean;
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
 * Reads a finished document from the disk and judges it: the signature just made passes and covers all, and no earlier
 * one fails. An earlier one may be undecided: it may lead to a root that is not this signer's. Of a document in two
 * parts, the base is the very file that this thread has hashed: it is read again only for signatures within it.
 * Throws `ReadBackFailed`.
 */
export function readBack(path: string, expected: Expected): OwnSignature {
  const options = { trustDer: [expected.rootDer, ...(expected.trustDer ?? [])] };
  const report = withDocument(path, ({ source, base, rest }) => {
    if (rest.length === 0) return verifySource(source, options);
    const known = { bytes: base.source.size, sha256: baseState(base) };
    return verifySource({ ...source, known }, options);
  });
  const own = ownSignature(report, expected);
  if (own === undefined) throw new ReadBackFailed(complaintsOf(report));
  return own;
}

function ownSignature(report: VerifyReport, expected: Expected): OwnSignature | undefined {
  if (report.sha256 !== expected.sha256 || report.problems.length > 0) return undefined;
  if (report.verdict === "TOTAL-FAILED") return undefined;
  const signature = report.signatures.at(-1);
  if (signature?.verdict !== "TOTAL-PASSED") return undefined;
  if (!signature.coversWholeFile && expected.isFollowed !== true) return undefined;
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
