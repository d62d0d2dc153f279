import { createHash, randomBytes } from "node:crypto";

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

const chanceBytes = 10;
/** Chance that no id was made of yet: fetched for a hundred ids at once, since each trip costs as much as all the rest. */
let left: Buffer = Buffer.alloc(0);

/** `{prefix}_` and 26 characters: 48 bits of time, so that ids of one moment lie together, then 80 of chance. */
export function newId(prefix: string, now: number): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(now, 0, 6);
  if (left.length < chanceBytes) left = randomBytes(100 * chanceBytes);
  left.copy(bytes, 6, 0, chanceBytes);
  left = left.subarray(chanceBytes);
  return `${prefix}_${base32(bytes)}`;
}

/** The same id for the same words: what an Idempotency-Key creates, however often it is sent. */
export function idFrom(prefix: string, ...words: string[]): string {
  return `${prefix}_${wordFrom(...words)}`;
}

/** 26 characters, the same for the same words. */
export function wordFrom(...words: string[]): string {
  const digest = createHash("sha256").update(JSON.stringify(words)).digest();
  return base32(digest.subarray(0, 16));
}

/** Crockford's base 32: no letter that a reader takes for a figure. */
function base32(bytes: Uint8Array): string {
  let value = 0;
  let bits = 0;
  let text = "";
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(value >>> bits) & 31];
    }
    value &= (1 << bits) - 1;
  }
  return bits > 0 ? text + alphabet[(value << (5 - bits)) & 31] : text;
}
