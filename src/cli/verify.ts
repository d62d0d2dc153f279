import { existsSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { readSettings } from "../../config/settings.ts";
import { anchorsOf } from "../identity/anchors.ts";
import { certificatesIn } from "../identity/pem.ts";
import { trustedTsa } from "../levels.ts";
import { createVerifier } from "../workers/verifier/verifier.ts";
import { CliFault } from "./fault.ts";
import { type Checked, linesOf } from "./verify-lines.ts";
import { withStore } from "./with-store.ts";

const mostBytes = 1024 ** 3;
const processes = 2;

interface Options {
  trust?: string;
  at?: string;
  json?: boolean;
}

export function verifyCommand(): Command {
  return new Command("verify")
    .description("say who signed a PDF, when, and whether anything was changed since")
    .argument("<files...>", "signed PDFs")
    .option("--trust <file>", "PEM file of the root certificates to trust; default: this engine's own")
    .option("--at <time>", "judge as of this time (ISO 8601) instead of now, where no timestamp proves one")
    .option("--json", "print one JSON object")
    .addHelpText("after", "\nExit code: 0 all passed, 1 one failed or could not be read, 2 one is undecided.")
    .action(verify);
}

async function verify(files: string[], { trust, at, json }: Options): Promise<void> {
  const askedAt = at === undefined ? undefined : Date.parse(at);
  if (Number.isNaN(askedAt)) throw new CliFault(`--at: ${at} is no time; write it like 2026-03-31T12:00:00Z`);
  const { trustDer, now } = await trusted(trust);
  const judgedAt = askedAt ?? now;
  const verifier = createVerifier({ processes, waiting: files.length });
  try {
    const checked = await Promise.all(
      files.map(async (file): Promise<Checked> => {
        const error = faultOf(file);
        if (error !== undefined) return { file, error };
        return { file, report: await verifier.verify(file, { trustDer, at: judgedAt }) };
      }),
    );
    const text = json ? JSON.stringify({ files: checked.map(flat) }) : checked.map(linesOf).join("\n\n");
    process.stdout.write(`${text}\n`);
    process.exitCode = exitCodeOf(checked);
  } finally {
    await verifier.close();
  }
}

// Looked at before it is opened: a pipe would be waited for without end.
function faultOf(file: string): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) return "there is no such file";
  if (found.isDirectory()) return "this is a folder";
  if (!found.isFile()) return "this is no regular file";
  return found.size > mostBytes ? "this is larger than 1 GB" : undefined;
}

function exitCodeOf(checked: readonly Checked[]): number {
  const verdicts = checked.map((one) => ("report" in one ? one.report.verdict : "TOTAL-FAILED"));
  if (verdicts.includes("TOTAL-FAILED")) return 1;
  return verdicts.includes("INDETERMINATE") ? 2 : 0;
}

/** Whom to trust, and what time it is: by the engine's clock, which test mode may have moved, where its roots are. */
async function trusted(trust: string | undefined): Promise<{ trustDer: Uint8Array[]; now: number }> {
  if (trust !== undefined) {
    const found = certificatesIn(
      await readFile(trust, "utf8").catch((cause: unknown) => {
        throw new CliFault(`--trust: ${trust} can't be read`, { cause });
      }),
    );
    if (found.length === 0) throw new CliFault(`--trust: ${trust} holds no certificate in PEM`);
    return { trustDer: found, now: Date.now() };
  }
  const { dataFolder, tsa } = readSettings(process.env);
  if (!existsSync(join(dataFolder, "collecte.sqlite"))) return { trustDer: [], now: Date.now() };
  return withStore(async ({ keyring }, clock) => ({
    trustDer: [...(await anchorsOf(keyring)), ...trustedTsa(tsa)],
    now: clock.now(),
  }));
}

function flat(checked: Checked): object {
  return "report" in checked ? { file: checked.file, ...checked.report } : checked;
}
