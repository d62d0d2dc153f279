import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/*
 * How a program has PDFs sealed, visibly, and reads what a verifier says of them:
 * `node dist/examples/seal-and-verify.js letter.pdf sealed/`. The seal is a TEST one; add --p12 or --firm to seal for real.
 */

const run = promisify(execFile);
const collecte = fileURLToPath(new URL("../src/cli/main.js", import.meta.url));

/** One object a line: one for each file, and a summary. */
interface Line {
  out?: string;
  summary?: { sealed: number; failed: number };
}

const [file = "letter.pdf", folder = "sealed"] = process.argv.slice(2);
const look = ["--visible", "page=1,left=60,bottom=80,width=180,height=60", "--reason", "Bon pour accord"];
const sealed = await run(process.execPath, [
  ...[collecte, "seal", "--json", "--level", "B-LTA", ...look],
  ...["--out", folder, "--force", file],
]);
const [{ out = "" } = {}] = sealed.stdout.split("\n").map((line) => JSON.parse(line || "{}") as Line);

// A failed or undecided file ends the command with another code than 0, and `run` rejects.
const verified = await run(process.execPath, [
  ...[collecte, "verify", "--json", "--trust", join(folder, "ca.pem"), out],
]);
const [report] = (
  JSON.parse(verified.stdout) as { files: { verdict: string; signatures: { level: string }[] }[] }
).files;
process.stdout.write(`${out}: ${report?.verdict}, ${report?.signatures[0]?.level}\n`);
