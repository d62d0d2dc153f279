import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { makeReady } from "./ready.mjs";

/* `npm test`: makes the checkout ready, lints, runs every test. Arguments go to mocha. In CI a test that is skipped fails. */

makeReady();
const noSkips = process.env.CI === "true" ? ["--forbid-pending"] : [];
const root = fileURLToPath(new URL("..", import.meta.url));
for (const args of [
  ["node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings"],
  ["node_modules/mocha/bin/mocha.js", ...noSkips, ...process.argv.slice(2)],
]) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
