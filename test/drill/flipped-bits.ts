import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { certificatesIn } from "../../src/identity/pem.ts";
import { bytesSource } from "../../src/workers/pdf/source.ts";
import { type VerifyOptions, verifySource } from "../../src/workers/verify-document.ts";
import { seeded } from "../support/chance.ts";

/** A bit of a file whose change nobody noticed: the offset of its byte, and which of the eight it is. */
export interface Unnoticed {
  offset: number;
  bit: number;
}

/**
 * Turns one bit of a file that passes, each time another, and tells those after which it still passes. `from` and `to`
 * bound where.
 */
export function unnoticedFlips(
  file: Uint8Array,
  options: VerifyOptions,
  { tries, seed, from = 0, to = file.length }: { tries: number; seed: number; from?: number; to?: number },
): Unnoticed[] {
  const { verdict, problems } = verifySource(bytesSource(file), options);
  if (verdict !== "TOTAL-PASSED") throw new Error(`the file itself is ${verdict}: ${problems.join()}`);
  const copy = Uint8Array.from(file);
  const random = seeded(seed);
  const found: Unnoticed[] = [];
  for (let i = 0; i < tries; i++) {
    const [offset, bit] = [from + random(to - from), random(8)];
    copy[offset] = (copy[offset] ?? 0) ^ (1 << bit);
    if (verifySource(bytesSource(copy), options).verdict === "TOTAL-PASSED") found.push({ offset, bit });
    copy[offset] = (copy[offset] ?? 0) ^ (1 << bit);
  }
  return found;
}

// node dist/test/drill/flipped-bits.js --trust CA.pem [--tries 10000] [--seed 1] [--from OFFSET] FILE…
if (process.argv[1] === import.meta.filename) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      tries: { type: "string", default: "10000" },
      seed: { type: "string", default: "1" },
      from: { type: "string", default: "0" },
      trust: { type: "string" },
    },
  });
  const trustDer = values.trust === undefined ? [] : certificatesIn(readFileSync(values.trust, "utf8"));
  const [tries, seed, from] = [Number(values.tries), Number(values.seed), Number(values.from)];
  for (const file of positionals) {
    const found = unnoticedFlips(readFileSync(file), { trustDer }, { tries, seed, from });
    process.stdout.write(`${file}: ${tries} bits turned, ${found.length} not noticed\n`);
    for (const { offset, bit } of found.slice(0, 20)) process.stdout.write(`  byte ${offset}, bit ${bit}\n`);
    if (found.length > 0) process.exitCode = 1;
  }
}
