import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/*
 * Makes a checkout ready to run, and does nothing when it is: installs what package-lock.json says, compiles what
 * changed. No dependencies, since it runs before there are any; all it says goes to standard error, so that a
 * command's own output stays alone on standard output.
 */

const root = fileURLToPath(new URL("..", import.meta.url));
const installedStamp = join(root, "node_modules", ".installed-for");
const builtStamp = join(root, "dist", ".built-from");
const sources = ["src", "config", "test", "examples", "bench", "tsconfig.json", "package-lock.json"];

/** Exits the process when the checkout can't be made ready. */
export function makeReady() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    stop(`Node 20.19 or newer is needed; this is ${process.version}`);
  install();
  build();
}

function install() {
  const wanted = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .update(process.versions.modules)
    .digest("hex");
  if (existsSync(installedStamp) && readFileSync(installedStamp, "utf8") === wanted) return;
  say("installing dependencies (npm ci)…");
  run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], "npm ci failed: see above");
  writeFileSync(installedStamp, wanted);
}

function build() {
  const wanted = fingerprint();
  if (existsSync(builtStamp) && readFileSync(builtStamp, "utf8") === wanted) return;
  say("compiling…");
  rmSync(join(root, "dist"), { recursive: true, force: true });
  run(
    process.execPath,
    [join("node_modules", "typescript", "bin", "tsc")],
    "the code does not compile: see above",
  );
  writeFileSync(builtStamp, wanted);
}

function run(command, args, failure) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (status !== 0) stop(error ? `${failure} (${error.message})` : failure);
}

function fingerprint() {
  const hash = createHash("sha256");
  const visit = (path) => {
    const facts = statSync(join(root, path), { throwIfNoEntry: false });
    if (!facts) return;
    if (facts.isDirectory()) for (const name of readdirSync(join(root, path)).sort()) visit(join(path, name));
    else hash.update(`${path}\0${facts.size}\0${facts.mtimeMs}\n`);
  };
  for (const source of sources) visit(source);
  return hash.digest("hex");
}

function say(line) {
  process.stderr.write(`${line}\n`);
}

function stop(line) {
  say(line);
  process.exit(1);
}
