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
  return build(request, { type: cmsOids.data, digest: request.documentDigest });
}

/** A CMS SignedData around content of this type, such as a timestamp's. */
export function buildEnclosing(signer: CmsSigner, type: string, content: Uint8Array): Uint8Array {
  return build(signer, { type, digest: createHash("sha256").update(content).digest(), enclosed: content });
}

/** What is signed: its type and SHA-256, and itself when it travels inside. */
interface Content {
  type: string;
  digest: Uint8Array;
  enclosed?: Uint8Array;
}

function build(signer: CmsSigner, content: Content): Uint8Array {
  const constants = constantsOf(signer);
  const algorithm = signatureIdentifier(signer.privateKey);
  const isPlain = content.type === cmsOids.data;
  const attributes = isPlain ? filledAttributes(constants, content) : signedAttributes(content, constants);
  // RFC 5652 §5.4: what is signed is the attributes under their own SET tag, not under the [0] they travel in.
  const signature = signBytes(signer.privateKey, attributes);
  if (!isPlain) return assemble(constants, content, attributes, algorithm, signature);
  return filled(formOf(constants, algorithm, signature.length), content.digest, signature);
}

/** The most bytes that `buildSignedData` can give for this signer: an ECDSA signature's length varies by a few. */
export function cmsBytesFor(signer: Omit<CmsSigner, "privateKey">): number {
  const constants = constantsOf(signer);
  if (constants.bytes === undefined) {
    const { publicKey } = readCertificate(signer.certificateDer);
    const form = formOf(constants, signatureIdentifier(publicKey), signatureBytesAtMost(publicKey));
    constants.bytes = form.bytes.length;
  }
  return constants.bytes;
}

/** The CMS of a signer but for the two values that differ from document to document. */
interface CmsForm {
  bytes: Uint8Array;
  digestAt: number;
  signatureAt: number;
}

// What differs has one length, but for the signature's: so has all that is around it.
function formOf(constants: SignerConstants, algorithm: Uint8Array, signatureBytes: number): CmsForm {
  const known = constants.forms.get(signatureBytes);
  if (known !== undefined) return known;
  const { attributes } = constants;
  const signature = new Uint8Array(signatureBytes);
  const bytes = assemble(constants, blank, attributes.bytes, algorithm, signature);
  // The signature is the last value of all, and the attributes stand just before it and its algorithm.
  const signatureAt = bytes.length - signatureBytes;
  const attributesAt =
    bytes.length - octetString(signature).length - algorithm.length - attributes.bytes.length;
  const form = { bytes, digestAt: attributesAt + attributes.digestAt, signatureAt };
  constants.forms.set(signatureBytes, form);
  return form;
}

function filled({ bytes, digestAt, signatureAt }: CmsForm, digest: Uint8Array, signature: Uint8Array) {
  const cms = bytes.slice();
  cms.set(digest, digestAt);
  cms.set(signature, signatureAt);
  return cms;
}

function filledAttributes({ attributes }: SignerConstants, { digest }: Content): Uint8Array {
  const bytes = attributes.bytes.slice();
  bytes.set(digest, attributes.digestAt);
  return bytes;
}

/** What is the same in all that one signer signs. */
interface SignerConstants {
  chainDer: readonly Uint8Array[];
  /** IssuerAndSerialNumber, with the values as they stand in the certificate. */
  identifier: Uint8Array;
  signingCertificate: Uint8Array;
  certificates: Uint8Array;
  /** The signed attributes of plain data, and where the digest belongs in them. */
  attributes: { bytes: Uint8Array; digestAt: number };
  /** By the length of the signature. */
  forms: Map<number, CmsForm>;
  bytes?: number;
}

const blank: Content = { type: cmsOids.data, digest: new Uint8Array(32) };

// By the very array that holds the certificate: a kept signer's lives on, a one-use signer's goes with it.
const known = new WeakMap<Uint8Array, SignerConstants>();

function constantsOf({ certificateDer, chainDer }: Omit<CmsSigner, "privateKey">): SignerConstants {
  const before = known.get(certificateDer);
  if (before?.chainDer === chainDer) return before;
  const [body] = elements(readWhole(certificateDer), tag.sequence);
  const [, serial, , issuer]: (DerNode | undefined)[] = elements(body, tag.sequence);
  if (serial === undefined || issuer === undefined) throw new DerError("not a certificate");
  const certificateDigest = createHash("sha256").update(certificateDer).digest();
  // RFC 5035 §3: hashAlgorithm is left out when it is SHA-256, the default.
  const essCertificate = sequence(
    octetString(certificateDigest),
    sequence(directoryName(issuer.raw), serial.raw),
  );
  const signingCertificate = attribute(cmsOids.signingCertificateV2, sequence(sequence(essCertificate)));
  const bytes = signedAttributes(blank, { signingCertificate });
  const place = attribute(cmsOids.messageDigest, octetString(blank.digest));
  const constants: SignerConstants = {
    chainDer,
    identifier: sequence(issuer.raw, serial.raw),
    signingCertificate,
    certificates: retagged(setOf(certificateDer, ...chainDer), 0xa0),
    attributes: { bytes, digestAt: Buffer.from(bytes).indexOf(place) + place.length - blank.digest.length },
    forms: new Map(),
  };
  known.set(certificateDer, constants);
  return constants;
}

function signedAttributes(
  { type, digest }: Content,
  { signingCertificate }: Pick<SignerConstants, "signingCertificate">,
): Uint8Array {
  const contentType = type === cmsOids.data ? dataAttribute : contentTypeAttribute(type);
  return setOf(contentType, attribute(cmsOids.messageDigest, octetString(digest)), signingCertificate);
}

const attribute = (type: string, value: Uint8Array): Uint8Array => sequence(oid(type), setOf(value));

const contentTypeAttribute = (type: string): Uint8Array => attribute(cmsOids.contentType, oid(type));

const dataAttribute = contentTypeAttribute(cmsOids.data);

function assemble(
  { identifier, certificates }: SignerConstants,
  { type, enclosed }: Content,
  attributes: Uint8Array,
  algorithm: Uint8Array,
  signature: Uint8Array,
): Uint8Array {
  const signerInfo = sequence(
    smallInteger(1),
    identifier,
    sha256Identifier,
    retagged(attributes, 0xa0),
    algorithm,
    octetString(signature),
  );
  const signedData = sequence(
    // RFC 5652 §5.1: 3 for all content but plain data.
    smallInteger(type === cmsOids.data ? 1 : 3),
    setOf(sha256Identifier),
    sequence(oid(type), ...(enclosed === undefined ? [] : [context(0, octetString(enclosed))])),
    certificates,
    tlv(tag.set, signerInfo),
  );
  return sequence(oid(cmsOids.signedData), context(0, signedData));
}

function retagged(value: Uint8Array, newTag: number): Uint8Array {
  const copy = Uint8Array.from(value);
  copy[0] = newTag;
  return copy;
}
