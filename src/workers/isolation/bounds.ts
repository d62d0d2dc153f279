import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** A command that runs under the kernel's bounds, and which of them this machine does not give. */
export interface Isolated {
  readonly command: readonly string[];
  readonly missing: readonly string[];
}

/** Finds a program's path, or undefined. */
export type FindProgram = (name: string) => string | undefined;

/**
 * The command without network and without a file that it could write: `prlimit` bounds its memory and the size of any
 * file to nothing, and a network namespace of its own, which Linux gives to anybody within a new user namespace, has no
 * interface at all. In that namespace it is nobody, with no capability.
 */
export function isolated(
  command: readonly string[],
  addressSpaceBytes: number,
  find: FindProgram = findProgram,
): Isolated {
  const missing: string[] = [];
  let within = command;
  const unshare = find("unshare");
  if (unshare !== undefined && mayUnshare(unshare)) within = [unshare, "--user", "--net", "--", ...within];
  else missing.push("no network (unshare --user --net)");
  const prlimit = find("prlimit");
  if (prlimit === undefined) missing.push("bounded memory (prlimit)");
  else within = [prlimit, `--as=${addressSpaceBytes}`, "--core=0", "--fsize=0", "--", ...within];
  return { command: within, missing };
}

const tried = new Map<string, boolean>();

/** A system may forbid new user namespaces, as some containers and Ubuntu's AppArmor do. Tried once: it takes a while. */
function mayUnshare(unshare: string): boolean {
  const known = tried.get(unshare) ?? tryUnshare(unshare);
  tried.set(unshare, known);
  return known;
}

function tryUnshare(unshare: string): boolean {
  const { status } = spawnSync(unshare, ["--user", "--net", "--", process.execPath, "--version"], {
    stdio: "ignore",
    timeout: 5_000,
  });
  return status === 0;
}

function findProgram(name: string): string | undefined {
  const folders = ["/usr/bin", "/bin", "/usr/local/bin"];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}
