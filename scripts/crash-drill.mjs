import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { makeReady } from "./ready.mjs";

/* `npm run crash-drill`: makes the checkout ready and kills engines. Arguments go to test/drill/command.ts. */

makeReady();
const command = fileURLToPath(new URL("../dist/test/drill/command.js", import.meta.url));
const { status } = spawnSync(process.execPath, ["--enable-source-maps", command, ...process.argv.slice(2)], {
  stdio: "inherit",
});
process.exit(status ?? 1);
