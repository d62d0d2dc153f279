import { createHash } from "node:crypto";
import { type CmsCheck, checkParsed } from "../cms/check.ts";
import type { PdfSignature } from "../pdf/signatures.ts";
import type { Certificate } from "../x509/certificate.ts";
import type { Revocation } from "../x509/revocation.ts";
import type { Knowledge } from "./knowledge.ts";
import { levelOf, type Subject } from "./levels.ts";
import type { ReportProblem } from "./problems.ts";
import { endOf, type Reading } from "./reading.ts";
import type { CertificateFacts, SignatureReport } from "./report.ts";
import { type ChainRevocation, factsOfRevocation, revocationIn } from "./revocation.ts";
import { type JudgedTimestamp, judgeTimestamp } from "./timestamps.ts";
import { indicationOf, verdictOf } from "./verdict.ts";

/** A document timestamp judged, and where the bytes that it covers end. */
export interface DocumentProof {
  judged: JudgedTimestamp;
  end: number;
}

/** What all signatures of a document are judged with. */
export interface Grounds {
  anchors: readonly Certificate[];
  /** As of when, where nothing proves a time; absent: when the signer claims. */
  at: Date | undefined;
  knowledge: Knowledge;
  /** What the document held when its last sound timestamp was made. */
  archived: { knowledge: Knowledge; end: number } | undefined;
  documentProofs: readonly DocumentProof[];
}

/** Judges one signature, `digest` being that of the bytes it says it covers. */
export function reportOn(
  reading: Reading,
  digest: Uint8Array | undefined,
  grounds: Grounds,
): SignatureReport {
  const { signature, cms } = reading;
  const over = grounds.documentProofs.filter(({ end }) => end >= endOf(reading));
  const provenBy = (proofs: readonly JudgedTimestamp[]) =>
    earliest(proofs.filter(({ facts }) => facts.isProof).map(({ time }) => time));
  const { own, problems } = ownTimestamp(reading, grounds, provenBy(over.map(({ judged }) => judged)));
  const proofs = [...(own === undefined ? [] : [own]), ...over.map(({ judged }) => judged)];
  const provenAt = provenBy(proofs);
  const judgedAt = provenAt ?? grounds.at ?? signature.signedAt ?? new Date();
  const check =
    cms !== undefined && digest !== undefined
      ? checkParsed(cms, digest, grounds.anchors, judgedAt, grounds.knowledge.certificates)
      : undefined;
  const revocation = revocationIn(check?.chain ?? [], grounds.knowledge, judgedAt);
  const all = [
    ...reading.problems,
    ...(check?.problems ?? []),
    ...revoked(revocation, reading, provenAt, grounds),
    ...problems,
  ];
  const indication = indicationOf(all);
  const { signer } = check ?? {};
  const organization = signer?.subject.organization;
  return {
    fieldName: signature.fieldName,
    kind: check?.kind ?? "signature",
    signer: {
      commonName: signer?.subject.commonName ?? "",
      ...(organization !== undefined && { organization }),
    },
    ...(signature.signedAt !== undefined && { signedAt: signature.signedAt.getTime() }),
    ...(provenAt !== undefined && { provenAt: provenAt.getTime() }),
    judgedAt: judgedAt.getTime(),
    level: isBaseline(signature, check)
      ? levelBy(signer, judgedAt, proofs, own, reading, grounds)
      : "unknown",
    verdict: verdictOf(indication),
    indication,
    problems: all,
    coversWholeFile: signature.coversWholeFile,
    changedAfter: signature.changedAfter,
    filledAfter: [...signature.change.filled],
    ...(signature.restrictions.permission !== undefined && { allows: signature.restrictions.permission }),
    ...(own !== undefined && { timestamp: own.facts }),
    revocation: factsOfRevocation(revocation.own),
    ...(signer !== undefined && { certificate: factsOf(signer) }),
  };
}

/**
 * The signature's own timestamp (EN 319 122-1 §5.3): over its value, judged as of the earliest document timestamp over
 * it, which proves that it existed by then.
 */
function ownTimestamp(
  { cms, token }: Reading,
  { anchors, at, knowledge }: Grounds,
  provenBy: Date | undefined,
): { own?: JudgedTimestamp; problems: ReportProblem[] } {
  if (cms === undefined || token === undefined) return { problems: [] };
  const digestOf = (algorithm: string) => createHash(algorithm).update(cms.signature).digest();
  const own = judgeTimestamp(token, digestOf, anchors, knowledge, provenBy ?? at);
  if (own.facts.isProof) return { own, problems: [] };
  return { own, problems: [own.isSound ? "timestamp_untrusted" : "timestamp_invalid"] };
}

/**
 * EN 319 102-1 §5.5.4: revoked before the proven time, or at any time when none is proven, leaves it open whether the
 * signature came first, unless the signer says himself that it did not.
 */
function revoked(
  { own, worst }: ChainRevocation,
  { signature }: Reading,
  provenAt: Date | undefined,
  { at }: Grounds,
): ReportProblem[] {
  const isLater = provenAt === undefined && at !== undefined && isRevokedBy(own, at);
  if (worst !== "certificate_revoked_no_proof" && !isLater) return worst === undefined ? [] : [worst];
  const admitted = signature.signedAt !== undefined && isRevokedBy(own, signature.signedAt);
  return [admitted ? "certificate_revoked" : "certificate_revoked_no_proof"];
}

const isRevokedBy = ({ revokedAt }: Revocation, at: Date): boolean =>
  revokedAt !== undefined && revokedAt <= at;

function levelBy(
  signer: Certificate | undefined,
  judgedAt: Date,
  proofs: readonly JudgedTimestamp[],
  own: JudgedTimestamp | undefined,
  reading: Reading,
  { knowledge, archived, anchors }: Grounds,
) {
  // Anybody can put a document timestamp of their own over another's signature: only one that is trusted raises it.
  const sound = proofs.filter((one) => one.facts.isProof || (one.isSound && one === own));
  const first = sound.toSorted((a, b) => a.time.getTime() - b.time.getTime())[0];
  const subjects: Subject[] = signer === undefined ? [] : [{ signer, at: first?.time ?? judgedAt }];
  if (first?.signer !== undefined) subjects.push({ signer: first.signer, at: first.time });
  const isCovered = archived !== undefined && archived.end >= endOf(reading);
  return levelOf({
    timestamped: first !== undefined,
    subjects,
    knowledge,
    archived: isCovered ? archived.knowledge : undefined,
    anchors,
  });
}

const earliest = (times: readonly Date[]): Date | undefined =>
  times.toSorted((a, b) => a.getTime() - b.getTime())[0];

function factsOf({ serialHex, notBefore, notAfter, sha256, issuer }: Certificate): CertificateFacts {
  return {
    serialHex,
    notBefore: notBefore.getTime(),
    notAfter: notAfter.getTime(),
    sha256,
    issuer: issuer.commonName ?? issuer.organization ?? "",
  };
}

// EN 319 142-1 §6.3: what B-B demands of the dictionary and of the signed attributes.
function isBaseline(signature: PdfSignature, check: CmsCheck | undefined): boolean {
  if (signature.subFilter !== "ETSI.CAdES.detached" || signature.signedAt === undefined) return false;
  if (check?.signer === undefined || check.hasSigningTime) return false;
  return !check.problems.some((problem) => problem === "ess_missing" || problem === "attributes_missing");
}
