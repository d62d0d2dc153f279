import { deepEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { undoPng } from "../../../src/workers/pdf/png-predictor.ts";

/** RFC 2083, 6, as it is written there, byte by byte. */
function plainly(bytes: Uint8Array, rowBytes: number, pixelBytes: number): number[] {
  const out: number[] = [];
  for (let row = 0; (row + 1) * (rowBytes + 1) <= bytes.length; row++) {
    for (let i = 0; i < rowBytes; i++) {
      const at = (column: number, line: number) =>
        column < 0 || line < 0 ? 0 : (out[line * rowBytes + column] ?? 0);
      const [a, b, c] = [at(i - pixelBytes, row), at(i, row - 1), at(i - pixelBytes, row - 1)];
      const distance = (one: number) => Math.abs(a + b - c - one);
      const nearest = [a, b, c].sort((one, other) => distance(one) - distance(other))[0] ?? 0;
      const raw = bytes[row * (rowBytes + 1) + 1 + i] ?? 0;
      const added = [0, a, b, (a + b) >> 1, nearest][bytes[row * (rowBytes + 1)] ?? 0] ?? 0;
      out.push((raw + added) & 0xff);
    }
  }
  return out;
}

describe("undoing PNG filters", () => {
  it("gives what the rule gives, for rows of any width and filters in any order", () => {
    const filter = fc.oneof({ weight: 4, arbitrary: fc.constant(2) }, fc.integer({ min: 0, max: 4 }));
    const shape = fc.record({
      rowBytes: fc.integer({ min: 1, max: 12 }),
      pixelBytes: fc.integer({ min: 1, max: 4 }),
      filters: fc.array(filter, { maxLength: 40 }),
      extra: fc.integer({ min: 0, max: 9 }),
      noise: fc.uint8Array({ minLength: 600, maxLength: 600 }),
    });
    const check = fc.property(shape, ({ rowBytes, pixelBytes, filters, extra, noise }) => {
      const length = filters.length * (rowBytes + 1) + Math.min(extra, rowBytes);
      const bytes = noise.slice(0, length);
      for (const [row, one] of filters.entries()) bytes[row * (rowBytes + 1)] = one;
      deepEqual([...undoPng(bytes, rowBytes, pixelBytes)], plainly(bytes, rowBytes, pixelBytes));
    });
    fc.assert(check, { numRuns: 500 });
    ok(undoPng(new Uint8Array(0), 5, 1).length === 0);
  });
});
