export interface DemoResult {
  folder: string;
  collectes: number;
  completed: number;
  signatures: number;
  seconds: number;
  /** Files in which all signatures were found valid. */
  verified: string[];
  doubles: { mails: number; smses: number };
}

/** What the demo did and what to try next. */
export function report(result: DemoResult): string {
  const { folder, collectes, completed, signatures, seconds, verified, doubles } = result;
  const rows: [string, string][] = [
    ["collectes completed", `${completed} of ${collectes}`],
    ["signatures and seals", String(signatures)],
    ["seconds", seconds.toFixed(1)],
    ["signatures per second", (signatures / seconds).toFixed(1)],
    ["PDFs that verify", `${verified.length} of ${collectes}`],
    ["mails and SMS sent twice", `${doubles.mails} and ${doubles.smses}`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    "",
    ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
    "",
    `  signed PDFs       ${folder}/signed`,
    `  root certificate  ${folder}/ca.pem`,
    `  records           ${folder}/records`,
    `  evidence files    ${folder}/evidence`,
    "",
    "Try next:",
    `  npx collecte verify --trust ${folder}/ca.pem ${verified[0] ?? "FILE"}`,
    `  npx collecte verify-evidence --root ${folder}/ca.pem --documents ${folder}/signed ${folder}/evidence/*`,
    "  npm start",
  ].join("\n");
}
