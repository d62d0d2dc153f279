import { createHash } from "node:crypto";
import { readCertificate } from "../x509/certificate.ts";
import { context, octetString, oid, sequence, setOf, smallInteger, tag, tlv } from "../x509/der.ts";
import { DerError, type DerNode, elements, readWhole } from "../x509/der-reader.ts";
import { directoryName } from "../x509/name.ts";
import { cmsOids, sha256Oid } from "../x509/oids.ts";
import {
  type SigningKey,
  signatureBytesAtMost,
  signatureIdentifier,
  signBytes,
} from "../x509/signature-algorithm.ts";

/** Who signs: the certificate, the authorities between it and the root (root left out), and the key. */
export interface CmsSigner {
  certificateDer: Uint8Array;
  chainDer: readonly Uint8Array[];
  privateKey: SigningKey;
}

/** A signer, and the SHA-256 of the bytes they sign. */
export interface CmsRequest extends CmsSigner {
  documentDigest: Uint8Array;
}

// RFC 5754 §2: SHA-2 identifiers go without parameters.
const sha256Identifier = sequence(oid(sha256Oid));

/**
 * A detached CMS SignedData (RFC 5652) as PAdES baseline B-B wants it (EN 319 142-1 §6.3): content-type,
 * message-digest and signing-certificate-v2 signed, and no signing-time, which the dictionary's /M says instead.
 */
export function buildSignedData(request: CmsRequest): Uint8Array {
  const identity = identityOf(request.certificateDer);
  const attributes = signedAttributes(request.documentDigest, request.certificateDer, identity);
  // RFC 5652 §5.4: what is signed is the attributes under their own SET tag, not under the [0] they travel in.
  const signature = signBytes(request.privateKey, attributes);
  return assemble(request, identity, attributes, signatureIdentifier(request.privateKey), signature);
}

/** The most bytes that `buildSignedData` can give for this signer: an ECDSA signature's length varies by a few. */
export function cmsBytesFor(signer: Omit<CmsSigner, "privateKey">): number {
  const { publicKey } = readCertificate(signer.certificateDer);
  const identity = identityOf(signer.certificateDer);
  const attributes = signedAttributes(new Uint8Array(32), signer.certificateDer, identity);
  const signature = new Uint8Array(signatureBytesAtMost(publicKey));
  return assemble(signer, identity, attributes, signatureIdentifier(publicKey), signature).length;
}

interface Identity {
  issuer: Uint8Array;
  serial: Uint8Array;
}

/** The issuer's name and the serial number, as they stand in the certificate. */
function identityOf(certificateDer: Uint8Array): Identity {
  const [body] = elements(readWhole(certificateDer), tag.sequence);
  const [, serial, , issuer]: (DerNode | undefined)[] = elements(body, tag.sequence);
  if (serial === undefined || issuer === undefined) throw new DerError("not a certificate");
  return { issuer: issuer.raw, serial: serial.raw };
}

function signedAttributes(
  documentDigest: Uint8Array,
  certificateDer: Uint8Array,
  identity: Identity,
): Uint8Array {
  const certificateDigest = createHash("sha256").update(certificateDer).digest();
  // RFC 5035 §3: hashAlgorithm is left out when it is SHA-256, the default.
  const essCertificate = sequence(
    octetString(certificateDigest),
    sequence(directoryName(identity.issuer), identity.serial),
  );
  return setOf(
    attribute(cmsOids.contentType, oid(cmsOids.data)),
    attribute(cmsOids.messageDigest, octetString(documentDigest)),
    attribute(cmsOids.signingCertificateV2, sequence(sequence(essCertificate))),
  );
}

const attribute = (type: string, value: Uint8Array): Uint8Array => sequence(oid(type), setOf(value));

function assemble(
  signer: Omit<CmsSigner, "privateKey">,
  identity: Identity,
  attributes: Uint8Array,
  algorithm: Uint8Array,
  signature: Uint8Array,
): Uint8Array {
  const signerInfo = sequence(
    smallInteger(1),
    sequence(identity.issuer, identity.serial),
    sha256Identifier,
    retagged(attributes, 0xa0),
    algorithm,
    octetString(signature),
  );
  const certificates = setOf(signer.certificateDer, ...signer.chainDer);
  const signedData = sequence(
    smallInteger(1),
    setOf(sha256Identifier),
    sequence(oid(cmsOids.data)),
    retagged(certificates, 0xa0),
    tlv(tag.set, signerInfo),
  );
  return sequence(oid(cmsOids.signedData), context(0, signedData));
}

function retagged(value: Uint8Array, newTag: number): Uint8Array {
  const copy = Uint8Array.from(value);
  copy[0] = newTag;
  return copy;
}
