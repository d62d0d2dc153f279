import type { PadesLevel } from "../../actors/runtime/ports.ts";
import type { Certificate } from "../x509/certificate.ts";
import { sameBytes } from "../x509/der-reader.ts";
import { chainAbove } from "../x509/path.ts";
import { revocationOf } from "../x509/revocation.ts";
import type { Knowledge } from "./knowledge.ts";

/** A certificate, and the time at which its chain must be known to have been good. */
export interface Subject {
  signer: Certificate;
  at: Date;
}

/** What raises a baseline signature above B-B. */
export interface LevelFacts {
  /** The signer of a sound timestamp over the signature: its own, or the document's. */
  timestamped: boolean;
  /** Whose chains must be provided for. */
  subjects: readonly Subject[];
  knowledge: Knowledge;
  /** What the document held when its last sound document timestamp was made, which covers the signature. */
  archived: Knowledge | undefined;
  anchors: readonly Certificate[];
}

/**
 * The level of a baseline signature (EN 319 142-1 §6): B-T with a time, B-LT with certificates and revocation data for
 * all that a check needs, B-LTA when a document timestamp covers those. It tells what the file holds: whether its
 * authorities are trusted is the verdict's business.
 */
export function levelOf({ timestamped, subjects, knowledge, archived, anchors }: LevelFacts): PadesLevel {
  if (!timestamped) return "B-B";
  if (!subjects.every((subject) => isProvided(subject, knowledge, anchors))) return "B-T";
  const isArchived = archived !== undefined && subjects.every((one) => isProvided(one, archived, anchors));
  return isArchived ? "B-LTA" : "B-LT";
}

/** Whether a chain goes up to a root or to an anchor, and something usable was said of each certificate below it. */
function isProvided({ signer, at }: Subject, knowledge: Knowledge, anchors: readonly Certificate[]): boolean {
  const chain = chainAbove(signer, [...anchors, ...knowledge.certificates]);
  const top = chain.at(-1);
  const isWhole = top !== undefined && (anchors.includes(top) || sameBytes(top.subjectDer, top.issuerDer));
  return (
    isWhole &&
    chain.every((certificate, i) => {
      const issuer = chain[i + 1];
      return issuer === undefined || revocationOf(certificate, issuer, knowledge, at).status !== "unknown";
    })
  );
}
