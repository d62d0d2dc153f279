import { randomBytes } from "node:crypto";
import { Retryable, Terminal } from "../runtime/errors.ts";
import type { Clock, TimestampCodec, Tsa } from "../runtime/ports.ts";
import type { Outgoing, OutgoingReply } from "./outgoing.ts";
import { pauseIn } from "./retry-after.ts";

/** A TSA outside, by RFC 3161 §3.4; `authorization` is the header's value, `policy` an OID to ask for. */
export interface HttpTsaOptions {
  url: string;
  authorization?: string;
  policy?: string;
  outgoing: Outgoing;
  codec: TimestampCodec;
  clock: Clock;
}

/** A token with a chain of RSA certificates has 5 to 8 KB. */
const maxReplyBytes = 64 * 1024;

/** Asks a TSA; each answer is checked before it is given on. */
export function createHttpTsa({ url, authorization, policy, outgoing, codec, clock }: HttpTsaOptions): Tsa {
  const headers = {
    "content-type": "application/timestamp-query",
    accept: "application/timestamp-reply",
    ...(authorization !== undefined && { authorization }),
  };
  return {
    async stamp(digest) {
      // RFC 3161 §2.4.1: a nonce of 64 bits at least is unlikely to come twice.
      const nonce = BigInt(`0x${randomBytes(16).toString("hex")}`) | 1n;
      const asked = { digest, nonce, ...(policy !== undefined && { policy }) };
      const reply = await post(codec.request(asked));
      if (reply.status !== 200) throw unanswered(reply);
      const answer = codec.accept(reply.body, asked, clock.now());
      if (!answer.ok) throw new Retryable(answer.fault, { cause: new Error(answer.detail) });
      return answer.token;
    },
  };

  async function post(body: Uint8Array): Promise<OutgoingReply> {
    try {
      return await outgoing.send({ url, method: "POST", headers, body, maxReplyBytes });
    } catch (error) {
      // Even a refused address may be mended: by a name server, or by the setting. A document waits for it.
      if (error instanceof Terminal) throw new Retryable("tsa_address_refused", { cause: error });
      const isTooLarge = error instanceof Retryable && error.code === "outgoing_reply_too_large";
      throw new Retryable(isTooLarge ? "tsa_malformed" : "tsa_unreachable", { cause: error });
    }
  }
}

function unanswered({ status, headers }: OutgoingReply): Retryable {
  const retryAfterMs = pauseIn(headers["retry-after"]);
  const isRefusal = status >= 400 && status < 500 && status !== 408 && status !== 429;
  return new Retryable(isRefusal ? "tsa_refused" : "tsa_unreachable", {
    cause: new Error(`HTTP ${status}`),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}
