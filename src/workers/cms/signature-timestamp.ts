import { oid, sequence, setOf, tag, tlv } from "../x509/der.ts";
import { DerError, type DerNode, elements, expect, readOid, readWhole } from "../x509/der-reader.ts";
import { cmsOids } from "../x509/oids.ts";

/** What the attribute's own headers may add to a token, and to the lengths of the values that it stands in. */
const headerBytesAtMost = 64;

/** The SignatureValue of a CMS with one signer: what its timestamp is over (EN 319 122-1, 5.3). Throws a DerError. */
export function signatureValueOf(cmsDer: Uint8Array): Uint8Array {
  return expect(takeApart(cmsDer).signer[5], tag.octetString).content;
}

/** How many bytes a CMS of `cmsBytes` may have once it carries a token of `tokenBytes`. */
export const timestampedBytes = (cmsBytes: number, tokenBytes: number): number =>
  cmsBytes + tokenBytes + headerBytesAtMost;

/**
 * The CMS with its signature timestamp, the only unsigned attribute (EN 319 122-1, 5.3): what its signer has signed
 * stays as it was. Throws a DerError when it is no CMS as we build them.
 */
export function withSignatureTimestamp(cmsDer: Uint8Array, tokenDer: Uint8Array): Uint8Array {
  const { type, version, digests, content, certificates, signer } = takeApart(cmsDer);
  const token = readWhole(tokenDer).raw;
  const unsigned = setOf(sequence(oid(cmsOids.signatureTimestamp), setOf(token)));
  unsigned[0] = 0xa1;
  const signerInfo = sequence(...signer.map(({ raw }) => raw), unsigned);
  const signedData = sequence(version, digests, content, certificates, tlv(tag.set, signerInfo));
  return sequence(type, tlv(0xa0, signedData));
}

interface Parts {
  type: Uint8Array;
  version: Uint8Array;
  digests: Uint8Array;
  content: Uint8Array;
  certificates: Uint8Array;
  /** Version, identifier, digest, signed attributes, algorithm, value; no unsigned attributes yet. */
  signer: DerNode[];
}

function takeApart(cmsDer: Uint8Array): Parts {
  const [type, wrapped] = elements(readWhole(cmsDer), tag.sequence);
  if (readOid(type) !== cmsOids.signedData) throw new DerError("not a SignedData");
  const [body] = elements(wrapped, 0xa0);
  const [version, digests, content, certificates, signers] = elements(body, tag.sequence);
  const signerInfos = elements(signers, tag.set);
  const signer = elements(signerInfos[0], tag.sequence);
  if (signerInfos.length !== 1 || signer.length !== 6) throw new DerError("not one signer without timestamp");
  return {
    type: expect(type, tag.oid).raw,
    version: expect(version, tag.integer).raw,
    digests: expect(digests, tag.set).raw,
    content: expect(content, tag.sequence).raw,
    certificates: expect(certificates, 0xa0).raw,
    signer,
  };
}
