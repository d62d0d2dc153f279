import { readFile } from "node:fs/promises";

/** What a file holds on its first line: secrets never stand on a command line, where `ps` shows them. */
export async function secretIn(file: string): Promise<string> {
  return (await readFile(file, "utf8")).split(/\r?\n/)[0] ?? "";
}
