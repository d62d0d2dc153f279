import { nullValue, octetString, oid, sequence, tag } from "../../x509/der.ts";
import { DerError, type DerNode, elements, expect } from "../../x509/der-reader.ts";
import { sha256Oid } from "../../x509/oids.ts";
import { type DigestName, readDigest } from "../../x509/signature-algorithm.ts";

/** What a timestamp is over (RFC 3161 §2.4.1, MessageImprint). */
export interface Imprint {
  /** Undefined when it is one that TS 119 312 does not allow, such as SHA-1. */
  algorithm: DigestName | undefined;
  digest: Uint8Array;
}

/** A SHA-256 digest as an imprint; with NULL, as most TSAs compare what they know. */
export function writeImprint(digest: Uint8Array): Uint8Array {
  if (digest.length !== 32) throw new RangeError("not a SHA-256 digest");
  return sequence(sequence(oid(sha256Oid), nullValue), octetString(digest));
}

export function readImprint(node: DerNode | undefined): Imprint {
  const [algorithm, digest, extra] = elements(node, tag.sequence);
  if (extra !== undefined) throw new DerError("not a MessageImprint");
  return { algorithm: readDigest(algorithm), digest: expect(digest, tag.octetString).content };
}
