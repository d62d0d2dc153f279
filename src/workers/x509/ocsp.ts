import { createHash } from "node:crypto";
import type { Certificate } from "./certificate.ts";
import { context, hexInteger, nullValue, octetString, oid, sequence, tag } from "./der.ts";
import {
  DerError,
  type DerNode,
  elements,
  expect,
  readBits,
  readOid,
  readSmall,
  readUnsigned,
  readWhole,
  sameBytes,
} from "./der-reader.ts";
import { extension, readExtensions } from "./extensions.ts";
import { digestOids, ocspOids, sha1Oid, sha256Oid } from "./oids.ts";
import type { DigestName } from "./signature-algorithm.ts";

/**
 * SHA-1 here finds a certificate's issuer, as RFC 5019 §2.1.1 demands and all responders expect; it proves nothing:
 * who can make two keys of one hash still can't sign with the authority's.
 */
type IdDigest = "sha1" | DigestName;

/** Which certificate an OCSP message means (RFC 6960 §4.1.1). */
export interface CertId {
  /** Undefined when it is one that we do not know: it then means nothing to us. */
  digest: IdDigest | undefined;
  issuerNameHash: Uint8Array;
  issuerKeyHash: Uint8Array;
  /** As in `Certificate.serialHex`. */
  serialHex: string;
}

/** A request for the status of some certificates. */
export interface OcspRequest {
  certIds: CertId[];
  nonce?: Uint8Array;
}

/** The digest of a public key's bits, without the BIT STRING's header: how OCSP names keys. */
export function keyHash(publicKeyDer: Uint8Array, digest: IdDigest = "sha1"): Uint8Array {
  const [, bits] = elements(readWhole(publicKeyDer), tag.sequence);
  return createHash(digest).update(readBits(bits)).digest();
}

/** How OCSP names the certificate of this serial number by this issuer. */
export const certIdOf = (
  { serialHex }: Pick<Certificate, "serialHex">,
  issuer: Pick<Certificate, "subjectDer" | "publicKeyDer">,
  digest: IdDigest = "sha1",
): CertId => ({
  digest,
  issuerNameHash: createHash(digest).update(issuer.subjectDer).digest(),
  issuerKeyHash: keyHash(issuer.publicKeyDer, digest),
  serialHex,
});

/** Whether an id means this certificate of this issuer. */
export function meansCertificate(
  { digest, ...id }: CertId,
  certificate: Pick<Certificate, "serialHex">,
  issuer: Pick<Certificate, "subjectDer" | "publicKeyDer">,
): boolean {
  if (digest === undefined || id.serialHex !== certificate.serialHex) return false;
  const own = certIdOf(certificate, issuer, digest);
  return sameBytes(own.issuerNameHash, id.issuerNameHash) && sameBytes(own.issuerKeyHash, id.issuerKeyHash);
}

/** Asks for one certificate's status; not signed, as nobody asks that. */
export function buildOcspRequest(
  certificate: Pick<Certificate, "serialHex">,
  issuer: Pick<Certificate, "subjectDer" | "publicKeyDer">,
  nonce?: Uint8Array,
): Uint8Array {
  const list = sequence(sequence(writeCertId(certIdOf(certificate, issuer))));
  if (nonce === undefined) return sequence(sequence(list));
  return sequence(sequence(list, context(2, sequence(nonceExtension(nonce)))));
}

/** RFC 8954 §2: the nonce is an OCTET STRING inside the extension's own. */
export const nonceExtension = (nonce: Uint8Array): Uint8Array =>
  extension(ocspOids.nonce, octetString(nonce));

const mostCertIds = 100;

/** Reads a request, signed or not (its signature is not looked at); throws a DerError. */
export function readOcspRequest(der: Uint8Array): OcspRequest {
  const [body, signature, extra] = elements(readWhole(der), tag.sequence);
  if (extra !== undefined || (signature !== undefined && signature.tag !== 0xa0)) {
    throw new DerError("not an OCSP request");
  }
  const rest = elements(body, tag.sequence);
  if (rest[0]?.tag === 0xa0 && readSmall(elements(rest.shift(), 0xa0)[0]) !== 0) throw new DerError("not v1");
  if (rest[0]?.tag === 0xa1) rest.shift();
  const [list, extensions, more] = rest;
  if (more !== undefined) throw new DerError("not an OCSP request");
  const requests = elements(list, tag.sequence);
  if (requests.length === 0 || requests.length > mostCertIds) throw new DerError("an absurd request");
  const nonce = extensions === undefined ? undefined : readNonce(elements(extensions, 0xa2)[0]);
  return {
    certIds: requests.map((request) => readCertId(elements(request, tag.sequence)[0])),
    ...(nonce !== undefined && { nonce }),
  };
}

/** The nonce among the extensions of a request or a response; some wrote it without its OCTET STRING. */
export function readNonce(list: DerNode | undefined): Uint8Array | undefined {
  const value = readExtensions(list).find(({ name }) => name === ocspOids.nonce)?.value;
  if (value === undefined) return undefined;
  const isWrapped = value[0] === tag.octetString && value[1] === value.length - 2;
  return isWrapped ? value.subarray(2) : value;
}

const digestNames: Readonly<Record<string, IdDigest>> = { [sha1Oid]: "sha1", ...digestOids };

export function writeCertId({ digest, issuerNameHash, issuerKeyHash, serialHex }: CertId): Uint8Array {
  const algorithm = Object.keys(digestNames).find((name) => digestNames[name] === digest) ?? sha256Oid;
  return sequence(
    sequence(oid(algorithm), nullValue),
    octetString(issuerNameHash),
    octetString(issuerKeyHash),
    hexInteger(serialHex),
  );
}

export function readCertId(node: DerNode | undefined): CertId {
  const [algorithm, nameHash, keyHashed, serial, extra] = elements(node, tag.sequence);
  if (extra !== undefined) throw new DerError("not a CertID");
  return {
    digest: digestNames[readOid(elements(algorithm, tag.sequence)[0])],
    issuerNameHash: expect(nameHash, tag.octetString).content,
    issuerKeyHash: expect(keyHashed, tag.octetString).content,
    serialHex: Buffer.from(readUnsigned(serial)).toString("hex"),
  };
}
