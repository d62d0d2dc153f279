import { randomFillSync } from "node:crypto";

const pool = Buffer.alloc(16_384);
let used = pool.length;

/**
 * Bytes of the system's generator, drawn 16 KB at a time: twelve cost it as much as thousands, and each command takes
 * several dozen. What was handed out is wiped from the pool.
 */
export function freshBytes(length: number): Buffer {
  if (length > pool.length - used) {
    randomFillSync(pool);
    used = 0;
  }
  const bytes = Buffer.from(pool.subarray(used, used + length));
  pool.fill(0, used, used + length);
  used += length;
  return bytes;
}
