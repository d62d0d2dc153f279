import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { makeReady } from "./ready.mjs";

/* `npm run simulate`: makes the checkout ready and plays histories. Arguments go to test/simulation/command.ts. */

makeReady();
const command = fileURLToPath(new URL("../dist/test/simulation/command.js", import.meta.url));
const { status } = spawnSync(process.execPath, ["--enable-source-maps", command, ...process.argv.slice(2)], {
  stdio: "inherit",
});
process.exit(status ?? 1);
