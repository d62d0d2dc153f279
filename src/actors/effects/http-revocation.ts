import { Retryable, Terminal } from "../runtime/errors.ts";
import type {
  Clock,
  Instant,
  RevocationCodec,
  RevocationEvidence,
  RevocationQuestion,
  RevocationSource,
} from "../runtime/ports.ts";
import type { Outgoing, OutgoingRequest } from "./outgoing.ts";

/** CRLs of large authorities have several megabytes; an OCSP answer has a certificate or two. */
const maxCrlBytes = 20_000_000;
const maxOcspBytes = 64 * 1024;
const mostKept = 1_000;
const mostUrls = 3;

interface Kept {
  der: Uint8Array;
  until: Instant;
}

interface Found extends Kept {
  kind: "crl" | "ocsp";
}

/**
 * Asks the authorities outside that certificates name: by OCSP, else for the CRL. What they say is checked, and kept
 * until they would say it anew. A certificate that names nobody to ask adds nothing.
 */
export function createHttpRevocation({
  outgoing,
  codec,
  clock,
}: {
  outgoing: Outgoing;
  codec: RevocationCodec;
  clock: Clock;
}): RevocationSource {
  const kept = new Map<string, Kept>();

  return {
    async evidenceFor(chainDer): Promise<RevocationEvidence> {
      const found = await Promise.all(codec.questions(chainDer).map(ask));
      const of = (kind: Found["kind"]) => [
        ...new Set(found.filter((one) => one.kind === kind).map(({ der }) => der)),
      ];
      return { crls: of("crl"), ocsps: of("ocsp") };
    },
  };

  async function ask(question: RevocationQuestion): Promise<Found> {
    let failure: unknown = new Error("nobody gave a usable answer");
    for (const place of placesOf(question)) {
      try {
        const found = await askAt(place, question);
        if (found !== undefined) return found;
      } catch (error) {
        if (!(error instanceof Retryable) && !(error instanceof Terminal)) throw error;
        failure = error;
      }
    }
    throw new Retryable("revocation_unreachable", { cause: failure });
  }

  async function askAt(place: Place, question: RevocationQuestion): Promise<Found | undefined> {
    const { kind, key, request } = place;
    const now = clock.now();
    const before = kept.get(key);
    // A kept list was checked for another certificate of its authority: it is judged again for this one.
    if (before !== undefined && before.until > now) {
      if (codec.usableUntil(kind, before.der, question, now) !== undefined) return { kind, ...before };
    }
    const { status, body: der } = await outgoing.send(request);
    if (status !== 200) throw new Retryable("revocation_unreachable", { cause: new Error(`HTTP ${status}`) });
    const until = codec.usableUntil(kind, der, question, clock.now());
    if (until === undefined) return undefined;
    if (kept.size >= mostKept) kept.clear();
    kept.set(key, { der, until });
    return { kind, der, until };
  }
}

interface Place {
  kind: "crl" | "ocsp";
  key: string;
  request: OutgoingRequest;
}

function placesOf({ ocspUrls, crlUrls, ocspRequest }: RevocationQuestion): Place[] {
  const ocsp = webUrls(ocspUrls).map((url): Place => {
    const headers = { "content-type": "application/ocsp-request", accept: "application/ocsp-response" };
    const request = { url, headers, body: ocspRequest, maxReplyBytes: maxOcspBytes, mayBePlain: true };
    const key = `${url} ${Buffer.from(ocspRequest).toString("base64")}`;
    return { kind: "ocsp", key, request: { method: "POST", ...request } };
  });
  const crl = webUrls(crlUrls).map((url): Place => {
    return {
      kind: "crl",
      key: url,
      request: { method: "GET", url, maxReplyBytes: maxCrlBytes, mayBePlain: true },
    };
  });
  return [...ocsp, ...crl];
}

/** The first few of them: a certificate may name as many as it likes, ldap: ones too. */
const webUrls = (urls: readonly string[]): string[] =>
  urls.filter((url) => /^https?:/i.test(url)).slice(0, mostUrls);
