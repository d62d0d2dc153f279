import type { Clock, KeyMaterial } from "../actors/runtime/ports.ts";
import type { PublishedCrl, Revocation } from "../store/revocations.ts";
import type { Store } from "../store/store.ts";
import { loadKey } from "../workers/signer-keys.ts";
import { readCertificate } from "../workers/x509/certificate.ts";
import { buildCrl } from "../workers/x509/crl.ts";
import type { Authority } from "./authorities.ts";

const day = 24 * 3_600_000;
/**
 * How long a list may be believed: long enough that an engine that stands still over a long weekend leaves no
 * verifier without one, short enough that an old copy hides a revocation for a week at most.
 */
const validDays = 7;
/** The same of an answer that a document keeps: nobody can ask for a later one when its certificate names no responder. */
export const keptEvidenceMs = validDays * day;
/** A list that is asked for is made anew when it is a day old, or at once when something was revoked since. */
const staleAfter = day;

/** The authority's list as it must be now; an authority whose key is elsewhere keeps the one that was imported. */
export async function currentCrl(
  store: Pick<Store, "keyring" | "revocations" | "together">,
  clock: Clock,
  authority: Authority,
): Promise<PublishedCrl | undefined> {
  const { revocations, keyring, together } = store;
  const [known, revoked] = await Promise.all([
    revocations.crl(authority.id),
    revocations.count(authority.id),
  ]);
  const isCurrent = (crl: PublishedCrl | undefined) =>
    crl?.revoked === revoked && clock.now() < crl.thisUpdate + staleAfter;
  if (isCurrent(known)) return known;
  const key = await keyring.key(authority.keyId);
  if (key === undefined) return known;
  // Alone, in any process: numbers rise, and no list of few revocations replaces one of more.
  return together(async (added) => {
    const [before, all] = await Promise.all([
      added.revocations.crl(authority.id),
      added.revocations.of(authority.id),
    ]);
    if (before?.revoked === all.length && isCurrent(before)) return before;
    const crl = makeCrl(key, all, (before?.number ?? 0) + 1, clock.now());
    await added.revocations.publish(authority.id, crl);
    return crl;
  });
}

/** A list of these revocations, signed by the authority's key. */
export function makeCrl(
  key: KeyMaterial,
  revoked: readonly Revocation[],
  number: number,
  now: number,
  days = validDays,
): PublishedCrl {
  // Times in a CRL have no milliseconds: what is published must not claim more.
  const thisUpdate = Math.floor(now / 1000) * 1000;
  const nextUpdate = thisUpdate + days * day;
  const issuer = { certificateDer: key.certificateDer, privateKey: loadKey(key) };
  const der = buildCrl(issuer, {
    thisUpdate: new Date(thisUpdate),
    nextUpdate: new Date(nextUpdate),
    number: BigInt(number),
    revoked: revoked.map(({ serialHex, at, reason }) => ({ serialHex, at: new Date(at), reason })),
    // No entry is ever dropped, so the list speaks of all that this authority issued.
    keepsExpiredFrom: readCertificate(key.certificateDer).notBefore,
  });
  return { der, number, revoked: revoked.length, thisUpdate, nextUpdate };
}
