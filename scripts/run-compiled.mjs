import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { makeReady } from "./ready.mjs";

/** Makes the checkout ready, runs a program of `dist/` with this command's arguments, and ends as it does. */
export function runCompiled(program) {
  makeReady();
  const path = fileURLToPath(new URL(`../dist/${program}`, import.meta.url));
  const { status } = spawnSync(process.execPath, ["--enable-source-maps", path, ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  process.exit(status ?? 1);
}
