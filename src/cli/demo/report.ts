import type { Scene } from "./second-act.ts";

export interface DemoResult {
  folder: string;
  collectes: number;
  /** Imported from the spreadsheet. */
  contacts: number;
  completed: number;
  signatures: number;
  parapheur: { documents: number; codes: number };
  /** Of the first act, from the import to the last download. */
  seconds: number;
  /** Files in which all signatures were found valid. */
  verified: string[];
  evidence: { files: number; verified: number };
  scenes: Scene[];
  doubles: { mails: number; smses: number };
}

/** Whether anything of it is not as it should be. */
export function hasFailed(result: DemoResult): boolean {
  const { collectes, contacts, completed, parapheur, verified, evidence, scenes } = result;
  return (
    [contacts, completed, parapheur.documents, verified.length].some((count) => count !== collectes) ||
    evidence.files !== collectes + scenes.length ||
    evidence.verified !== evidence.files ||
    scenes.some(({ isAsTold }) => !isAsTold)
  );
}

/** What the demo did and what to try next. */
export function report(result: DemoResult): string {
  const { folder, collectes, contacts, completed, signatures, parapheur, seconds, verified } = result;
  const { evidence, scenes, doubles } = result;
  const codes = parapheur.codes === 1 ? "one code" : `${parapheur.codes} codes`;
  const first: Row[] = [
    ["contacts imported", `${contacts} of ${collectes}`],
    ["collectes completed", `${completed} of ${collectes}`],
    ["signatures and seals", String(signatures)],
    ["signed in the parapheur", `${parapheur.documents} documents with ${codes}`],
    ["seconds", seconds.toFixed(1)],
    ["signatures per second", (signatures / seconds).toFixed(1)],
    ["PDFs that verify", `${verified.length} of ${collectes}`],
    ["evidence files that verify", `${evidence.verified} of ${evidence.files}, offline`],
    ["mails and SMS sent twice", `${doubles.mails} and ${doubles.smses}`],
  ];
  const second = scenes.map(
    ({ name, isAsTold, outcome }): Row => [name, isAsTold ? outcome : `WRONG: ${outcome}`],
  );
  const files: Row[] = [
    ["signed PDFs", `${folder}/signed`],
    ["root certificate", `${folder}/ca.pem`],
    ["records", `${folder}/records`],
    ["evidence files", `${folder}/evidence`],
  ];
  const [some = "FILE"] = verified;
  return [
    ...["", ...table(first)],
    ...["", ...table(second)],
    ...["", ...table(files)],
    "",
    "Try next:",
    `  npx collecte verify --trust ${folder}/ca.pem ${some}`,
    `  npx collecte verify-evidence --root ${folder}/ca.pem ${some.replace("/signed/", "/evidence/")}`,
    "  npm start",
  ].join("\n");
}

/** What programs read of it. */
export function shown({ folder, seconds, verified, scenes, ...counts }: DemoResult): object {
  return {
    ...counts,
    verified: verified.length,
    secondAct: scenes,
    seconds: Math.round(seconds * 1_000) / 1_000,
    out: folder,
  };
}

type Row = [name: string, value: string];

function table(rows: Row[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}
