import type { DocumentTimestampReport, SignatureReport, VerifyReport } from "../workers/verify-document.ts";

/** A file judged, or why it was not. */
export type Checked = { file: string } & ({ report: VerifyReport } | { error: string });

/** What a person is told of a file. */
export function linesOf(checked: Checked): string {
  if ("error" in checked) return `${checked.file}: ${checked.error}`;
  const { file, report } = checked;
  return [
    `${file}: ${report.indication}${because(report.problems)}`,
    ...report.signatures.flatMap(ofSignature),
    ...report.documentTimestamps.flatMap(ofTimestamp),
  ].join("\n");
}

function ofSignature(one: SignatureReport): string[] {
  const what = one.kind === "seal" ? "Sealed by" : "Signed by";
  const { commonName, organization } = one.signer;
  const firm = organization === undefined || organization === commonName ? "" : `, ${organization}`;
  const claimed = one.signedAt === undefined ? "no time claimed" : `claimed ${time(one.signedAt)}`;
  const by = one.timestamp === undefined ? "a later timestamp" : one.timestamp.tsa;
  const proven = one.provenAt === undefined ? "not proven" : `proven ${time(one.provenAt)} by ${by}`;
  return [
    `  ${what} ${printable(commonName || "an unknown signer")}${printable(firm)}`,
    `    verdict   ${one.indication}${because(one.problems)}`,
    `    when      ${claimed}; ${printable(proven)}`,
    `    level     ${one.level}; revocation: ${one.revocation.status}`,
    `    covers    ${one.coversWholeFile ? "the whole file" : "an earlier revision"}; since: ${changes[one.changedAfter]}`,
  ];
}

function ofTimestamp(one: DocumentTimestampReport): string[] {
  const verdict = `${one.indication}${because(one.problems)}`;
  return [`  Document timestamp by ${printable(one.tsa)}, ${time(one.at)}`, `    verdict   ${verdict}`];
}

const changes: Readonly<Record<SignatureReport["changedAfter"], string>> = {
  nothing: "nothing",
  "signatures-only": "further signatures or evidence",
  "signatures-shown": "further signatures, one of them visible in a new place",
  "forms-filled": "fields of the form were filled",
  annotated: "annotations were added",
  other: "other changes",
};

const because = (problems: readonly string[]): string =>
  problems.length === 0 ? "" : ` (${problems.join(", ")})`;

const time = (at: number): string => new Date(at).toISOString();

// A certificate's names come from anybody: none may speak to the terminal.
export const printable = (text: string): string => text.replace(/\p{C}/gu, "?");
