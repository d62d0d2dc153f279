import type { Clock, Instant, RevocationEvidence, RevocationSource } from "../actors/runtime/ports.ts";
import type { Revocations } from "../store/revocations.ts";
import { readCertificate } from "../workers/x509/certificate.ts";

/** As long as a published answer may be kept. */
const keptMs = 10 * 60_000;
const mostKept = 200;

/**
 * Evidence of our own authorities, said again for a few minutes: of a thousand documents by one member, all want the same
 * of the same chains. Each time it is asked whether anything was revoked, or any list published, since it was made: then it
 * is made anew, so what was revoked is never told to be good. It ends before a certificate of the chain does.
 */
export function keepEvidence(
  source: RevocationSource,
  revocations: Pick<Revocations, "mark">,
  clock: Clock,
): RevocationSource {
  interface Kept {
    evidence: Promise<RevocationEvidence>;
    mark: string;
    from: Instant;
    until: Instant;
  }
  const kept = new Map<string, Kept>();

  return {
    async evidenceFor(chainDer) {
      const chain = chainDer.map((der) => readCertificate(der));
      const id = chain.map(({ sha256 }) => sha256).join();
      const mark = await revocations.mark();
      const now = clock.now();
      const known = kept.get(id);
      if (known?.mark === mark && known.from <= now && now < known.until) return known.evidence;
      const until = Math.min(now + keptMs, ...chain.map(({ notAfter }) => notAfter.getTime()));
      const evidence = source.evidenceFor(chainDer);
      if (kept.size >= mostKept) kept.clear();
      kept.set(id, { evidence, mark, from: now, until });
      // A failure is nobody's but theirs who wait for it now.
      evidence.catch(() => {
        if (kept.get(id)?.evidence === evidence) kept.delete(id);
      });
      return evidence;
    },
  };
}
