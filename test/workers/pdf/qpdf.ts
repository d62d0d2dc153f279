import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "mocha";

/** Skips the test, loudly, where qpdf is not installed; in CI that is a failure. */
export function needQpdf(test: Context): void {
  if (spawnSync("qpdf", ["--version"]).status === 0) return;
  if (process.env["CI"] === "true") throw new Error("qpdf is not installed");
  console.warn("skipped: qpdf is not installed");
  test.skip();
}

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
