import { expect } from "chai";
import fc from "fast-check";
import { inspectPdf } from "../../../src/workers/pdf/inspect.ts";
import { PdfRefused } from "../../../src/workers/pdf/refused.ts";
import { prepareSignature } from "../../../src/workers/pdf/revision.ts";
import { readSignatures } from "../../../src/workers/pdf/signatures.ts";
import { bytesSource } from "../../../src/workers/pdf/source.ts";
import { openPdf } from "../../../src/workers/pdf/tail.ts";
import { aDocument, aForm, aRequest, signed } from "./documents.ts";

const LIMITS = { maxBytes: 10_000_000, maxPages: 500 };
const TOKENS = [
  "<<",
  ">>",
  "[",
  "(",
  "<",
  "1 0 R",
  "3 0 R",
  "/Kids",
  "/Prev 9",
  "99999999999",
  "-1",
  "stream",
  "%%EOF",
  "xref",
];

/** Does everything that we do with an unknown file; only a typed refusal may be thrown. */
function treat(bytes: Uint8Array): void {
  inspectPdf(bytesSource(bytes), LIMITS);
  try {
    const pdf = openPdf(bytesSource(bytes));
    readSignatures(pdf);
    prepareSignature(pdf, aRequest());
  } catch (error) {
    if (!(error instanceof PdfRefused)) throw error;
  }
}

describe("a hostile file", () => {
  let samples: Uint8Array[] = [];

  before(async () => {
    samples = [
      signed(signed(await aDocument())),
      signed(signed(await aDocument({ objectStreams: true }))),
      signed(signed(await aForm({ indirectAnnots: true }))),
    ];
  });

  it("of random bytes is only ever refused", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => treat(bytes)));
    const framed = fc.uint8Array({ maxLength: 200 }).map((bytes) => {
      const head = Buffer.from("%PDF-1.7\n");
      return Buffer.concat([head, bytes, Buffer.from("\nstartxref\n9\n%%EOF\n")]);
    });
    fc.assert(fc.property(framed, (bytes) => treat(bytes)));
  });

  const edit = fc.record({
    at: fc.nat(),
    removed: fc.nat({ max: 12 }),
    put: fc.oneof(
      fc.uint8Array({ maxLength: 8 }),
      fc.constantFrom(...TOKENS).map((text) => Uint8Array.from(Buffer.from(text))),
    ),
  });
  const edits = fc.array(edit, { minLength: 1, maxLength: 6 });

  it("made from a good one by a few changes is only ever refused or treated", function () {
    this.timeout(60_000);
    fc.assert(
      fc.property(fc.nat({ max: 2 }), edits, (which, changes) => {
        let bytes: Uint8Array = samples[which] ?? new Uint8Array(0);
        for (const { at, removed, put } of changes) {
          const from = at % bytes.length;
          bytes = Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(from + removed)]);
        }
        treat(bytes);
      }),
      { numRuns: 500 },
    );
  });

  it("with changes in place, so that its offsets still hold, is too", function () {
    this.timeout(60_000);
    fc.assert(
      fc.property(fc.nat({ max: 2 }), edits, (which, changes) => {
        const bytes = Uint8Array.from(samples[which] ?? []);
        for (const { at, put } of changes)
          bytes.set(put.subarray(0, bytes.length - (at % bytes.length)), at % bytes.length);
        treat(bytes);
      }),
      { numRuns: 500 },
    );
  });

  it("is cut at every place without harm", function () {
    this.timeout(60_000);
    const [bytes = new Uint8Array(0)] = samples;
    for (let end = 0; end < bytes.length; end += 7) treat(bytes.subarray(0, end));
    expect(() => treat(bytes)).not.to.throw();
  });
});
