import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What `qpdf --check` says: 0 without complaint, 3 with warnings, 2 with errors. */
export function checkWithQpdf(bytes: Uint8Array): { status: number | null; output: string } {
  const folder = mkdtempSync(join(tmpdir(), "collecte-qpdf-"));
  try {
    const path = join(folder, "document.pdf");
    writeFileSync(path, bytes);
    const { status, stdout, stderr } = spawnSync("qpdf", ["--check", path], { encoding: "utf8" });
    return { status, output: `${stdout}${stderr}` };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
