import type { Certificate } from "../x509/certificate.ts";
import { type Revocation, revocationOf } from "../x509/revocation.ts";
import type { Knowledge } from "./knowledge.ts";
import type { RevocationFacts } from "./report.ts";

/** What is known of a chain: `own` of its first certificate, `worst` when one of them was revoked. */
export interface ChainRevocation {
  own: Revocation;
  worst?: "certificate_revoked_no_proof" | "authority_revoked";
}

const unknown: Revocation = { status: "unknown" };

/** Whether certificates of a chain were revoked at `at`; its last one, the anchor, is trusted as it is. */
export function revocationIn(chain: readonly Certificate[], knowledge: Knowledge, at: Date): ChainRevocation {
  if (knowledge.crls.length === 0 && knowledge.ocsps.length === 0)
    return { own: chain[0]?.isNeverRevoked ? { status: "good" } : unknown };
  const statuses = chain.map((certificate, i) => {
    const issuer = chain[i + 1];
    return issuer === undefined ? unknown : revocationOf(certificate, issuer, knowledge, at);
  });
  const [own = unknown, ...above] = statuses;
  if (own.status === "revoked") return { own, worst: "certificate_revoked_no_proof" };
  return above.some(({ status }) => status === "revoked") ? { own, worst: "authority_revoked" } : { own };
}

/** The same, as a report tells it. */
export function factsOfRevocation({
  status,
  revokedAt,
  reason,
  source,
  thisUpdate,
}: Revocation): RevocationFacts {
  return {
    status,
    ...(revokedAt !== undefined && { revokedAt: revokedAt.getTime() }),
    ...(reason !== undefined && { reason }),
    ...(source !== undefined && { source }),
    ...(thisUpdate !== undefined && { thisUpdate: thisUpdate.getTime() }),
  };
}
