import { type Certificate, readCertificate } from "../workers/x509/certificate.ts";
import { sameBytes } from "../workers/x509/der-reader.ts";
import { findPath, type PathProblem } from "../workers/x509/path.ts";

/** Why a certificate that a firm brought can't be its seal. */
export type BroughtProblem = PathProblem | "certificate_unreadable" | "certificate_missing" | "curve_unknown";

/** A certificate that was brought cannot be used. */
export class BroughtRefused extends Error {
  readonly code: BroughtProblem;

  constructor(code: BroughtProblem, options?: ErrorOptions) {
    super(code, options);
    this.code = code;
  }
}

/** A certificate that may seal, with its way to the root that verifiers of its seals must trust. */
export interface BroughtCertificate {
  certificate: Certificate;
  chainDer: Uint8Array[];
  anchorDer: Uint8Array;
}

/**
 * Puts the certificates that came with a key in order and judges them at `at`: whole chain valid, key strong enough and
 * allowed to sign. The anchor is the self-signed root, or the topmost certificate when the root was left out. `isOwn`
 * tells which certificate is the key's. Throws a `BroughtRefused`.
 */
export function broughtCertificate(
  certificatesDer: readonly Uint8Array[],
  isOwn: (certificate: Certificate) => boolean,
  at: Date,
): BroughtCertificate {
  const all = certificatesDer.map(read);
  const certificate = all.find(isOwn);
  if (certificate === undefined) throw new BroughtRefused("certificate_missing");
  refuseUnknownCurve(certificate);
  const others = all.filter((one) => one !== certificate);
  const { chain, problems } = findPath(certificate, others, anchorsOf(others), at);
  const [problem] = problems;
  if (problem !== undefined) throw new BroughtRefused(problem);
  const anchor = chain.at(-1) ?? certificate;
  return { certificate, chainDer: chain.slice(1, -1).map(({ der }) => der), anchorDer: anchor.der };
}

function read(der: Uint8Array): Certificate {
  try {
    return readCertificate(der);
  } catch (cause) {
    throw new BroughtRefused("certificate_unreadable", { cause });
  }
}

const isSelfIssued = ({ subjectDer, issuerDer }: Certificate) => sameBytes(subjectDer, issuerDer);

function anchorsOf(others: readonly Certificate[]): Certificate[] {
  const roots = others.filter(isSelfIssued);
  if (roots.length > 0) return roots;
  return others.filter(({ issuerDer }) => !others.some(({ subjectDer }) => sameBytes(subjectDer, issuerDer)));
}

/** Curves that our signature code writes; the path has judged RSA by its length. */
function refuseUnknownCurve({ publicKey }: Certificate): void {
  if (publicKey.asymmetricKeyType === "rsa") return;
  const curve = publicKey.asymmetricKeyDetails?.namedCurve ?? "";
  if (!["prime256v1", "secp384r1", "secp521r1"].includes(curve)) throw new BroughtRefused("curve_unknown");
}
