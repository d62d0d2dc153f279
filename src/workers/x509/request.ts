import type { KeyObject } from "node:crypto";
import { context, sequence, smallInteger, tag } from "./der.ts";
import { DerError, elements, readBits, readSmall, readWhole } from "./der-reader.ts";
import { type DistinguishedName, readName, writeName } from "./name.ts";
import { readPublicKey } from "./public-key.ts";
import { isSignedBy, type SigningKey, signedDer } from "./signature-algorithm.ts";

/** What somebody asks a certificate for; they have shown that they hold the private key. */
export interface CertificateRequest {
  subject: DistinguishedName;
  publicKey: KeyObject;
  publicKeyDer: Uint8Array;
}

/** A certification request (PKCS#10, RFC 2986) without attributes, in DER. */
export const buildRequest = (
  subject: DistinguishedName,
  publicKeyDer: Uint8Array,
  key: SigningKey,
): Uint8Array =>
  signedDer(key, () => sequence(smallInteger(0), writeName(subject), publicKeyDer, context(0)));

/** Reads a request and checks its signature; throws a DerError. What it asks for beyond a name is the issuer's to decide. */
export function readRequest(der: Uint8Array): CertificateRequest {
  const [body, signatureAlgorithm, signature, extra] = elements(readWhole(der), tag.sequence);
  const [version, subject, key] = elements(body, tag.sequence);
  if (body === undefined || signatureAlgorithm === undefined || extra !== undefined) {
    throw new DerError("not a certification request");
  }
  if (readSmall(version) !== 0 || subject === undefined || key === undefined) {
    throw new DerError("not a certification request");
  }
  const publicKey = readPublicKey(key);
  const signed = { signedPart: body.raw, signatureAlgorithm, signature: readBits(signature) };
  if (!isSignedBy(signed, publicKey)) throw new DerError("a request that its key did not sign");
  return { subject: readName(subject), publicKey, publicKeyDer: Uint8Array.from(key.raw) };
}
