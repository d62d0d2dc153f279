import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { readSettings } from "../../config/settings.ts";
import { anchorsOf } from "../identity/anchors.ts";
import { createSigningPool } from "../workers/pool.ts";
import type { VerifyReport } from "../workers/verify-document.ts";
import { CliFault } from "./fault.ts";
import { certificatesIn } from "./pem.ts";
import { withStore } from "./with-store.ts";

type Checked = { file: string } & ({ report: VerifyReport } | { error: string });

export function verifyCommand(): Command {
  return new Command("verify")
    .description("say who signed a PDF, when, and whether anything was changed since")
    .argument("<files...>", "signed PDFs")
    .option("--trust <file>", "PEM file of the root certificates to trust; default: this engine's own")
    .option("--json", "print one JSON object")
    .action(verify);
}

/** Exit code 0 only if every signature of every file is TOTAL-PASSED. */
async function verify(files: string[], { trust, json }: { trust?: string; json?: boolean }): Promise<void> {
  const trustDer = await anchors(trust);
  const pool = createSigningPool({ threads: 1 });
  try {
    const checked = await Promise.all(
      files.map(async (file): Promise<Checked> => {
        if (!existsSync(file)) return { file, error: "there is no such file" };
        return { file, report: await pool.verify(file, { trustDer }) };
      }),
    );
    const text = json ? JSON.stringify({ files: checked.map(flat) }) : checked.map(lines).join("\n");
    process.stdout.write(`${text}\n`);
    const passed = checked.every((one) => "report" in one && one.report.verdict === "TOTAL-PASSED");
    if (!passed) process.exitCode = 1;
  } finally {
    await pool.close();
  }
}

async function anchors(trust: string | undefined): Promise<Uint8Array[]> {
  if (trust !== undefined) {
    const found = certificatesIn(
      await readFile(trust, "utf8").catch((cause: unknown) => {
        throw new CliFault(`--trust: ${trust} can't be read`, { cause });
      }),
    );
    if (found.length === 0) throw new CliFault(`--trust: ${trust} holds no certificate in PEM`);
    return found;
  }
  const { dataFolder } = readSettings(process.env);
  if (!existsSync(join(dataFolder, "collecte.sqlite"))) return [];
  return withStore(({ keyring }) => anchorsOf(keyring));
}

function flat(checked: Checked): object {
  return "report" in checked ? { file: checked.file, ...checked.report } : checked;
}

function lines(checked: Checked): string {
  if ("error" in checked) return `${checked.file}: ${checked.error}`;
  const { file, report } = checked;
  const signatures = report.signatures.map((one) => {
    const what = one.kind === "seal" ? "sealed by" : "signed by";
    const when = one.signedAt ? ` on ${new Date(one.signedAt).toISOString()}` : "";
    const why = one.problems.length > 0 ? ` (${one.problems.join(", ")})` : "";
    return `  ${one.verdict}  ${what} ${one.signer.commonName}${when}, level ${one.level}${why}`;
  });
  const why = report.problems.length > 0 ? ` (${report.problems.join(", ")})` : "";
  return [`${file}: ${report.verdict}${why}`, ...signatures].join("\n");
}
