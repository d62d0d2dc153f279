import { createHash, createPrivateKey } from "node:crypto";
import { expect } from "chai";
import type { FileKeyMaterial } from "../../src/actors/runtime/ports.ts";
import { buildSignedData, cmsBytesFor } from "../../src/workers/cms/build.ts";
import { fillContents, prepareSignature } from "../../src/workers/pdf/revision.ts";
import { bytesSource } from "../../src/workers/pdf/source.ts";
import { openPdf } from "../../src/workers/pdf/tail.ts";
import { someDay } from "./pki.ts";

/**
 * `entries` are more of the signature dictionary; `paddingBytes` follow the CMS; `change` edits the revision's text before it is signed, and keeps its length; `encode`
 * makes another encoding of the CMS, in `paddingBytes` more at most.
 */
export interface Oddities {
  paddingBytes?: number;
  entries?: string;
  change?: (revision: string) => string;
  encode?: (cms: Uint8Array) => Uint8Array;
}

/** The document with one more signature that truly checks, as signing software other than ours could have made it. */
export function reallySigned(
  before: Uint8Array,
  { certificateDer, chainDer, pkcs8 }: FileKeyMaterial,
  { paddingBytes = 0, entries = "", change = (text) => text, encode = (cms) => cms }: Oddities = {},
): Buffer {
  const privateKey = createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" });
  const signer = { certificateDer, chainDer, privateKey };
  const contentsBytes = cmsBytesFor(signer) + paddingBytes;
  const reason = "x".repeat(Math.max(0, entries.length - "/Reason ()".length));
  const prepared = prepareSignature(openPdf(bytesSource(before)), {
    signingTime: someDay,
    contentsBytes,
    ...(reason !== "" && { reason }),
  });
  const text = Buffer.from(prepared.tail)
    .toString("latin1")
    .replace(/\/Reason \(x+\)/, entries);
  const tail = Buffer.from(change(text), "latin1");
  expect(tail).to.have.length(prepared.tail.length);
  const [, gapStart, gapEnd] = prepared.byteRange;
  const whole = Buffer.concat([before, tail]);
  const covered = Buffer.concat([whole.subarray(0, gapStart), whole.subarray(gapEnd)]);
  const documentDigest = createHash("sha256").update(covered).digest();
  fillContents(tail, prepared, encode(buildSignedData({ ...signer, documentDigest })));
  return Buffer.concat([before, tail]);
}

/** A CMS with its two outermost lengths indefinite, as a popular library writes it. */
export function indefinite(cms: Uint8Array): Uint8Array {
  const contentType = cms.subarray(4, 4 + 2 + (cms[5] ?? 0));
  const wrapped = cms.subarray(4 + contentType.length + 4);
  const end = Buffer.alloc(2);
  return Buffer.concat([
    Buffer.from([0x30, 0x80]),
    contentType,
    Buffer.from([0xa0, 0x80]),
    wrapped,
    end,
    end,
  ]);
}
