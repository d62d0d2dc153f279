import { hash } from "node:crypto";
import { statSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { certificatesIn } from "../identity/pem.ts";
import { type JudgedFile, judgeEvidence, judgeRecord } from "../proof/judge-file.ts";
import { createVerifier, type Verifier } from "../workers/verifier/verifier.ts";
import { evidenceLines, type JudgedEvidence } from "./evidence-lines.ts";
import { CliFault } from "./fault.ts";

const mostBytes = 256 * 1024 ** 2;

interface Options {
  root: string;
  documents?: string;
  at?: string;
  json?: boolean;
}

export function verifyEvidenceCommand(): Command {
  return new Command("verify-evidence")
    .description("check evidence files, or exported records, offline: with nothing but the root certificate")
    .argument("<files...>", "evidence files (PDF) or records (JSON)")
    .requiredOption(
      "--root <file>",
      "PEM file of the root certificate; of an outside TSA's too, where one stamped",
    )
    .option("--documents <folder>", "the signed PDFs, to be compared with what the record says of them")
    .option("--at <time>", "judge as of this time (ISO 8601) instead of now, where no timestamp proves one")
    .option("--json", "print one JSON object")
    .addHelpText("after", "\nExit code: 0 all passed, 1 one failed or could not be read, 2 one is undecided.")
    .action(verifyEvidence);
}

async function verifyEvidence(files: string[], { root, documents, at, json }: Options): Promise<void> {
  const judgedAt = at === undefined ? Date.now() : Date.parse(at);
  if (Number.isNaN(judgedAt))
    throw new CliFault(`--at: ${at} is no time; write it like 2026-03-31T12:00:00Z`);
  const pem = await readFile(root, "utf8").catch((cause: unknown) => {
    throw new CliFault(`--root: ${root} can't be read`, { cause });
  });
  const trustDer = certificatesIn(pem);
  if (trustDer.length === 0) throw new CliFault(`--root: ${root} holds no certificate in PEM`);
  const folder = documents === undefined ? undefined : await digestsIn(documents);
  const verifier = createVerifier({ processes: 2, waiting: files.length });
  try {
    const judged = await Promise.all(
      files.map((file) => judge(file, { trustDer, at: judgedAt }, verifier, folder)),
    );
    const text = json ? JSON.stringify({ files: judged.map(flat) }) : judged.map(evidenceLines).join("\n\n");
    process.stdout.write(`${text}\n`);
    const verdicts = judged.map(({ verdict }) => verdict);
    if (verdicts.includes("TOTAL-FAILED")) process.exitCode = 1;
    else process.exitCode = verdicts.includes("INDETERMINATE") ? 2 : 0;
  } finally {
    await verifier.close();
  }
}

async function judge(
  file: string,
  options: { trustDer: readonly Uint8Array[]; at: number },
  verifier: Verifier,
  folder: ReadonlyMap<string, string> | undefined,
): Promise<JudgedEvidence> {
  const found = statSync(file, { throwIfNoEntry: false });
  const error = !found?.isFile()
    ? "this is no file"
    : found.size > mostBytes
      ? "this is larger than 256 MB"
      : undefined;
  if (error !== undefined) return { file, verdict: "TOTAL-FAILED", error };
  const bytes = await readFile(file);
  const isPdf = bytes.subarray(0, 5).toString("latin1") === "%PDF-";
  let undecided = false;
  let judged: JudgedFile;
  if (isPdf) {
    const report = await verifier.verify(file, options);
    undecided = report.verdict === "INDETERMINATE";
    judged = judgeEvidence(file, bytes, report);
  } else judged = judgeRecord(bytes.toString("utf8"), options.trustDer);
  const matched: Record<string, string> = {};
  // Where no record could be read nothing is known of documents, and nothing good is said of them.
  if (folder !== undefined && Object.keys(judged.documents).length > 0)
    judged = { ...judged, checks: [...judged.checks, compared(judged, folder, matched)] };
  const failed = judged.checks.some(
    ({ check, problems }) => problems.length > 0 && !(undecided && check === "seal"),
  );
  const isOpen = undecided || judged.checks.some(({ open = [] }) => open.length > 0);
  return {
    file,
    judged,
    matched,
    verdict: failed ? "TOTAL-FAILED" : isOpen ? "INDETERMINATE" : "TOTAL-PASSED",
  };
}

/** The last state of each document must be among the files. */
function compared(
  { documents }: JudgedFile,
  folder: ReadonlyMap<string, string>,
  matched: Record<string, string>,
): JudgedFile["checks"][number] {
  const problems: string[] = [];
  for (const [id, states] of Object.entries(documents)) {
    const name = folder.get(states.at(-1) ?? "");
    if (name === undefined) problems.push(`${id}_not_found`);
    else matched[id] = name;
  }
  return { check: "documents", problems };
}

async function digestsIn(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new CliFault(`--documents: ${folder} can't be read`, { cause });
  });
  const digests = new Map<string, string>();
  for (const entry of entries.filter((one) => one.isFile()))
    digests.set(hash("sha256", await readFile(join(folder, entry.name))), entry.name);
  return digests;
}

function flat(one: JudgedEvidence): object {
  if ("error" in one) return one;
  const { file, verdict, judged, matched } = one;
  const { record, ...rest } = judged;
  return {
    file,
    verdict,
    ...rest,
    matched,
    ...(record !== undefined && { collecte: record.collecte, firm: record.firm, head: record.head }),
  };
}
