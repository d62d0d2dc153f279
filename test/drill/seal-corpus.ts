import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { certificatesIn } from "../../src/identity/pem.ts";
import { verifyDocument } from "../../src/workers/verify-document.ts";
import { collecte } from "../cli/programs.ts";
import { type CorpusFile, foldersOf, unpack } from "./corpus-run.ts";
import { finishedFaults, pageFaults } from "./corpus-trial.ts";

/** Which files, and at which levels they are sealed in turn, each time the file that the last time made. */
export interface SealPlan {
  readonly folder: string;
  readonly levels: readonly string[];
  onFile(file: CorpusFile): void;
}

interface Told {
  file: string;
  ok: boolean;
  code?: string;
  detail?: string;
  out: string;
  repairedFrom?: string;
  level?: string;
}

/** Seals every file by `collecte seal --repair` at each level in turn, and looks at what the last one made. */
export async function sealCorpus({ folder, levels, onFile }: SealPlan): Promise<CorpusFile[]> {
  const work = await mkdtemp(join(tmpdir(), "collecte-seal-corpus-"));
  try {
    const files: CorpusFile[] = [];
    for (const kind of await foldersOf(folder)) {
      const from = join(work, kind, "0");
      await mkdir(from, { recursive: true });
      const names = (await readdir(join(folder, kind))).sort();
      // Numbers, so that no name is too long or taken twice.
      await Promise.all(names.map((name, i) => unpack(join(folder, kind, name), join(from, `${i}.pdf`))));
      const rounds = await sealInTurn(join(work, kind), levels);
      for (const [i, name] of names.entries()) {
        const file = { kind, name, ...(await judged(join(work, kind), `${i}.pdf`, levels, rounds)) };
        files.push(file);
        onFile(file);
      }
    }
    return files;
  } finally {
    await rm(work, { recursive: true });
  }
}

/** What the command told of each file, by its name, level by level. */
async function sealInTurn(work: string, levels: readonly string[]): Promise<Map<string, Told>[]> {
  const rounds: Map<string, Told>[] = [];
  for (const [i, level] of levels.entries()) {
    const options = ["--json", "--repair", "--level", level, "--out", join(work, `${i + 1}`)];
    const { stdout } = await collecte(join(work, "data"), "seal", ...options, join(work, `${i}`));
    const told = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Told);
    rounds.push(new Map(told.flatMap((one) => (one.file ? [[one.file.slice(work.length + 3), one]] : []))));
  }
  return rounds;
}

type Judged = Pick<CorpusFile, "outcome" | "code" | "detail">;

async function judged(
  work: string,
  name: string,
  levels: readonly string[],
  rounds: readonly Map<string, Told>[],
): Promise<Judged> {
  const told = rounds.map((round) => round.get(name));
  const [first] = told;
  if (first?.ok === false) {
    const { code = "", detail = "" } = first;
    return { outcome: "refused", code, detail };
  }
  const unsealed = told.findIndex((one) => one?.ok !== true);
  if (unsealed !== -1) {
    const { code, detail } = told[unsealed] ?? {};
    return { outcome: "FAILED", detail: `${levels[unsealed]}: ${code} ${detail ?? ""}` };
  }
  const [before, after] = [join(work, "0", name), join(work, `${levels.length}`, name)];
  const isRepaired = first?.repairedFrom !== undefined;
  const faults = isRepaired ? [] : await earlierBytesFaults(before, after);
  if (isRepaired) faults.push(...(await pageFaults(before, after, work)));
  const trustDer = await rootsOf(work, levels.length);
  const known = verifyDocument(before, { trustDer }).signatures.map(({ fieldName }) => fieldName);
  const fields = verifyDocument(after, { trustDer })
    .signatures.map(({ fieldName }) => fieldName)
    .filter((field) => !known.includes(field));
  if (fields.length !== levels.length) faults.push(`${fields.length} new signatures`);
  const unsigned = isRepaired ? after : before;
  faults.push(...(await finishedFaults({ before: unsigned, after, fields, trustDer, folder: work })));
  if (faults.length > 0) return { outcome: "FAILED", detail: faults.join("; ") };
  return { outcome: isRepaired ? "repaired+sealed" : "sealed" };
}

async function earlierBytesFaults(before: string, after: string): Promise<string[]> {
  const [was, is] = await Promise.all([readFile(before), readFile(after)]);
  return is.subarray(0, was.length).equals(was) ? [] : ["earlier bytes have changed"];
}

async function rootsOf(work: string, rounds: number): Promise<Uint8Array[]> {
  const files = Array.from({ length: rounds }, (_, i) => join(work, `${i + 1}`, "ca.pem"));
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  return texts.flatMap(certificatesIn);
}
