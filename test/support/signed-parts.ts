import { readFile } from "node:fs/promises";
import { readSignatures } from "../../src/workers/pdf/signatures.ts";
import { bytesSource } from "../../src/workers/pdf/source.ts";
import { openPdf } from "../../src/workers/pdf/tail.ts";

/** Each signature's CMS (DER, without the placeholder's padding) and the bytes that it covers. */
export async function signedPartsOf(file: string): Promise<{ cms: Buffer; content: Buffer }[]> {
  const bytes = await readFile(file);
  return readSignatures(openPdf(bytesSource(bytes))).map(({ contents, byteRange }) => {
    const [a = 0, b = 0, c = 0, d = 0] = byteRange;
    const content = Buffer.concat([bytes.subarray(a, a + b), bytes.subarray(c, c + d)]);
    return { cms: Buffer.from(contents.subarray(0, derLength(contents))), content };
  });
}

/** The length of the DER value that the bytes begin with (X.690 §8.1.3). */
function derLength(bytes: Uint8Array): number {
  const first = bytes[1] ?? 0;
  if (first < 0x80) return 2 + first;
  const size = first & 0x7f;
  const length = [...bytes.subarray(2, 2 + size)].reduce((sum, byte) => sum * 256 + byte, 0);
  return 2 + size + length;
}
