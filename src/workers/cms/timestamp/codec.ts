import type { TimestampAsked, TimestampCodec, TsaFault } from "../../../actors/runtime/ports.ts";
import type { Certificate } from "../../x509/certificate.ts";
import { DerError, sameBytes } from "../../x509/der-reader.ts";
import { strongEnough } from "../../x509/signature-algorithm.ts";
import { checkTimestampToken, type TimestampProblem } from "./check.ts";
import { buildTimestampRequest } from "./request.ts";
import { readTimestampResponse } from "./response.ts";
import { readTimestampToken, type TimestampToken } from "./token.ts";

/** A one-use certificate begins 5 minutes before its signature: a token from before that would spoil it. */
const mostClockErrorMs = 5 * 60_000;

type Accepted = ReturnType<TimestampCodec["accept"]>;

const wrong = (fault: TsaFault, detail = ""): Accepted => ({ ok: false, fault, detail });

/** Without `anchors`, a unit's certificate must be valid and for timestamps, whoever issued it. */
export function createTimestampCodec(anchors: readonly Certificate[]): TimestampCodec {
  return {
    request: buildTimestampRequest,
    accept(reply, asked, now) {
      try {
        const response = readTimestampResponse(reply);
        if (!response.ok) return wrong("tsa_refused", response.failureInfo ?? response.status);
        return judge(readTimestampToken(response.tokenDer), asked, anchors, now);
      } catch (error) {
        if (error instanceof DerError) return wrong("tsa_malformed", error.message);
        throw error;
      }
    },
  };
}

function judge(
  token: TimestampToken,
  asked: TimestampAsked,
  anchors: readonly Certificate[],
  now: number,
): Accepted {
  const { algorithm, digest } = token.imprint;
  if (token.nonce !== asked.nonce) return wrong("tsa_wrong_nonce");
  if (algorithm !== "sha256" || !sameBytes(digest, asked.digest)) return wrong("tsa_wrong_imprint");
  if (asked.policy !== undefined && token.policy !== asked.policy)
    return wrong("tsa_wrong_policy", token.policy);
  if (Math.abs(token.genTime.getTime() - now) > mostClockErrorMs) return wrong("tsa_wrong_time");
  const { problems, signer } = checkTimestampToken(token, () => asked.digest, anchors, [], new Date(now));
  const left = anchors.length > 0 ? problems : problems.filter((one) => one !== "no_certificate_chain_found");
  const broken = left.filter((one) => ofSignature.has(one));
  if (broken.length > 0) return wrong("tsa_signature_invalid", broken.join());
  if (signer === undefined || left.length > 0) return wrong("tsa_certificate_invalid", left.join());
  if (!isValid(signer, new Date(now)) || !isValid(signer, token.genTime)) {
    return wrong("tsa_certificate_invalid", "certificate_expired");
  }
  if (!strongEnough(signer.publicKey)) return wrong("tsa_certificate_invalid", "key_too_weak");
  return { ok: true, token: token.der };
}

const isValid = ({ notBefore, notAfter }: Certificate, at: Date): boolean =>
  notBefore <= at && at <= notAfter;

const ofSignature: ReadonlySet<TimestampProblem> = new Set<TimestampProblem>([
  "cms_malformed",
  "signer_count",
  "content_type",
  "attributes_missing",
  "digest_mismatch",
  "signature_invalid",
  "ess_missing",
  "ess_mismatch",
]);
