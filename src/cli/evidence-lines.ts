import type { Check, JudgedFile } from "../proof/judge-file.ts";
import { printable } from "./verify-lines.ts";

/** A file judged, with its verdict, or why it was not. */
export type JudgedEvidence = { file: string } & (
  | { verdict: Verdict; judged: JudgedFile; matched: Record<string, string> }
  | { verdict: Verdict; error: string }
);
type Verdict = "TOTAL-PASSED" | "INDETERMINATE" | "TOTAL-FAILED";

/** What a person is told of a file: exactly what was looked at, and what came of it. */
export function evidenceLines(one: JudgedEvidence): string {
  if ("error" in one) return `${one.file}: ${one.error}`;
  const { file, verdict, judged, matched } = one;
  const { record, provenAt, documents } = judged;
  return [
    `${file}: ${verdict}`,
    ...judged.checks.map(ofCheck),
    ...(provenAt === undefined ? [] : [`  sealed    proven ${new Date(provenAt).toISOString()}`]),
    ...(record === undefined
      ? []
      : [
          `  collecte  ${record.collecte.id} of ${printable(record.firm.name)}, ${record.head.events} events, head ${record.head.hash}`,
        ]),
    ...Object.entries(documents).map(([id, states]) => {
      const name = matched[id];
      const found = name === undefined ? "" : ` = ${printable(name)}`;
      return `  document  ${printable(id)}: ${states.length - 1} signatures, last SHA-256 ${states.at(-1)}${found}`;
    }),
  ].join("\n");
}

function ofCheck({ check, problems, open = [] }: Check): string {
  const said =
    problems.length > 0 ? `WRONG: ${problems.join(", ")}` : open.length > 0 ? open.join(", ") : "good";
  return `  ${check.padEnd(9)} ${looked[check]}: ${said}`;
}

const looked: Readonly<Record<Check["check"], string>> = {
  seal: "the seal covers the file, leads to the root, and nothing was changed since",
  sealer: "it is the evidence seal of an engine, and no other certificate's",
  timestamp: "a timestamp proves when it was sealed",
  record:
    "each event is chained to the one before, what is personal opens, each signature continues the one before",
  facts: "what the PDF says of the record is so",
  pages: "the pages say what the record says",
  inclusion: "the record is under a timestamped hourly root",
  documents: "the signed documents are those of the record",
};
