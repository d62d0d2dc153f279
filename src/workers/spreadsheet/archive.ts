import { type Entry, fromBufferPromise, type ZipFile } from "yauzl";
import { Refused } from "./refused.ts";

const maxEntries = 200;
const maxInflatedBytes = 50 * 1024 * 1024;

/** What a ZIP holds, by name. */
export type Parts = ReadonlyMap<string, Buffer>;

/** Bit 0 of the general purpose flags (APPNOTE 4.4.4). */
const encryptedFlag = 1;

/**
 * All entries of a ZIP. Inflated bytes are counted as they come, whatever the directory says of them, and nothing past the
 * bound is kept; an entry of another length than it says is refused. What is read later are these very bytes.
 */
export async function unpacked(zip: Buffer): Promise<Parts> {
  const parts = new Map<string, Buffer>();
  const names = new Set<string>();
  let left = maxInflatedBytes;
  try {
    const file = await fromBufferPromise(zip);
    if (file.entryCount > maxEntries) throw new Refused("spreadsheet_too_many_entries");
    for await (const entry of file.eachEntry()) {
      const name = entry.fileName;
      if (names.size >= maxEntries) throw new Refused("spreadsheet_too_many_entries");
      if ((entry.generalPurposeBitFlag & encryptedFlag) !== 0) throw new Refused("spreadsheet_encrypted");
      // Two entries of one name: which of them another reader takes, nobody knows.
      if (names.has(name.toLowerCase())) throw new Refused("spreadsheet_damaged");
      names.add(name.toLowerCase());
      if (name.endsWith("/")) continue;
      const bytes = await inflated(file, entry, left);
      left -= bytes.length;
      parts.set(name, bytes);
    }
  } catch (error) {
    throw error instanceof Refused ? error : new Refused("spreadsheet_damaged", { cause: error });
  }
  return parts;
}

async function inflated(file: ZipFile, entry: Entry, most: number): Promise<Buffer> {
  const stream = await file.openReadStreamPromise(entry);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > most) throw new Refused("spreadsheet_too_large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
