import { readdirSync, statSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { CliFault } from "../fault.ts";

/** A file to be sealed, and the name that the sealed one gets. */
export interface Input {
  path: string;
  outName: string;
}

/**
 * The files that arguments name: files, folders (every PDF below them) and patterns that the shell left alone, each file
 * once, in order. Where two have one name, the later gets a number.
 */
export function inputsOf(named: readonly string[]): Input[] {
  const paths = new Map(named.flatMap(filesOf).map((path) => [resolve(path), path]));
  const taken = new Set<string>();
  return [...paths.values()].map((path) => {
    const outName = freeName(basename(path), taken);
    taken.add(outName.toLowerCase());
    return { path, outName };
  });
}

function filesOf(name: string): string[] {
  const found = statSync(name, { throwIfNoEntry: false });
  if (found?.isDirectory()) return pdfsBelow(name);
  if (found === undefined && isPattern(name)) return matching(name);
  // What is missing fails by itself: the rest is done.
  return [name];
}

function pdfsBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && extname(entry.name).toLowerCase() === ".pdf");
  return files.map((entry) => join(entry.parentPath, entry.name)).sort();
}

function matching(pattern: string): string[] {
  let root = dirname(pattern);
  while (isPattern(root)) root = dirname(root);
  const recursive = pattern.includes("**") || dirname(pattern) !== root;
  const entries = readdirSync(root, { recursive, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const like = expressionOf(join(pattern));
  const found = paths.filter((path) => like.test(path)).sort();
  if (found.length === 0) throw new CliFault(`${pattern}: no file is named like that`);
  return found;
}

const isPattern = (name: string): boolean => /[*?]/.test(name);

/** `**` stands for any folders, `*` and `?` for what has no slash in it. */
function expressionOf(pattern: string): RegExp {
  const parts = pattern
    .split(/(\*\*\/|\*|\?)/)
    .map((part) => wild[part] ?? part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${parts.join("")}$`);
}

const wild: Readonly<Record<string, string>> = { "**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]" };

function freeName(name: string, taken: ReadonlySet<string>): string {
  const end = extname(name);
  const stem = name.slice(0, name.length - end.length);
  let free = name;
  for (let n = 2; taken.has(free.toLowerCase()); n++) free = `${stem}-${n}${end}`;
  return free;
}
