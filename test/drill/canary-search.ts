import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { inflateRawSync, inflateSync } from "node:zlib";
import { base64Forms } from "../store/canaries.ts";

/** Where a canary still is: `what` it is, and in which file, dump or log. */
export interface Sighting {
  what: string;
  where: string;
}

/** Looks for the words as they are, in UTF-16, in base64, in hexadecimal, and in streams that Deflate packed. */
export function sightingsIn(
  bytes: Buffer,
  where: string,
  words: Readonly<Record<string, string>>,
): Sighting[] {
  const texts = [bytes, ...inflated(bytes)];
  return Object.entries(words)
    .filter(([, word]) => formsOf(word).some((form) => texts.some((text) => text.includes(form))))
    .map(([what]) => ({ what, where }));
}

/** The same in every file of a folder, and in the files' names. */
export async function sightingsBelow(
  folder: string,
  words: Readonly<Record<string, string>>,
): Promise<Sighting[]> {
  const found: Sighting[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const where = relative(folder, path);
    found.push(...sightingsIn(Buffer.from(entry.name), `the name ${where}`, words));
    // The database may take its log away while we look.
    const bytes = entry.isFile() ? await readFile(path).catch(() => Buffer.alloc(0)) : Buffer.alloc(0);
    found.push(...sightingsIn(bytes, where, words));
  }
  return found;
}

function formsOf(word: string): (Buffer | string)[] {
  const utf16 = Buffer.from(word, "utf16le");
  const hex = Buffer.from(word).toString("hex");
  return [word, utf16, Buffer.from(utf16).swap16(), hex, hex.toUpperCase(), ...base64Forms(word)];
}

/** What the streams of PDFs hold. */
function inflated(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = bytes.indexOf("stream"); at !== -1; at = bytes.indexOf("stream", at + 6)) {
    const start = at + (bytes[at + 6] === 0x0d ? 8 : 7);
    const end = bytes.indexOf("endstream", start);
    if (end === -1) break;
    for (const inflate of [inflateSync, inflateRawSync]) {
      try {
        found.push(inflate(bytes.subarray(start, end), { maxOutputLength: 1 << 24 }));
        break;
      } catch {
        // Not packed, or in another way.
      }
    }
    at = end;
  }
  return found;
}
