import { codeOf, Retryable, Terminal } from "../../runtime/errors.ts";
import type { Clock, Log, Sms, SmsBook, SmsGateway, SmsReceipt } from "../../runtime/ports.ts";
import type { Carrier } from "./carrier.ts";

/** So many failures in a row send a gateway to the back. */
const failuresBeforeRest = 3;
const shortestRestMs = 30_000;
const longestRestMs = 10 * 60_000;

export interface FailoverOptions {
  /** First is asked first. */
  carriers: readonly Carrier[];
  book: Pick<SmsBook, "whereabouts" | "ask" | "release" | "accepted">;
  clock: Clock;
  log: Log;
  /** A receipt that came before the gateway's answer was written down. */
  onEarlyReceipt(receipt: SmsReceipt): Promise<void>;
}

/** What a gateway took, and what was heard of it before that was written down. */
interface Taken {
  reference: string;
  early: SmsReceipt[];
}

/**
 * Several gateways as one. Another one is asked only if those before it certainly did not take the SMS: which one
 * may have it is written down before it is asked, so that no crash and no other process doubles it. What may have gone
 * out by a gateway that doesn't know keys is never sent again: the person asks for another code.
 */
export function createFailover({ carriers, book, clock, log, onEarlyReceipt }: FailoverOptions): SmsGateway {
  const rests = new Map<string, { failures: number; until: number }>();

  function failed({ name }: Carrier): void {
    const failures = (rests.get(name)?.failures ?? 0) + 1;
    const tooMany = failures - failuresBeforeRest;
    const restMs = tooMany < 0 ? 0 : Math.min(longestRestMs, shortestRestMs * 2 ** tooMany);
    rests.set(name, { failures, until: clock.now() + restMs });
    if (tooMany === 0)
      log.warn({ kind: name }, "an SMS gateway fails: the others are asked first for a while");
  }

  function inOrder(): Carrier[] {
    const now = clock.now();
    // A rest that ends later than any rest lasts is from before the clock was set back.
    const isResting = ({ name }: Carrier) => {
      const until = rests.get(name)?.until ?? 0;
      return until > now && until <= now + longestRestMs;
    };
    return [...carriers.filter((one) => !isResting(one)), ...carriers.filter(isResting)];
  }

  async function submit(carrier: Carrier, sms: Sms): Promise<Taken> {
    const { reference } = await carrier.submit(sms);
    rests.delete(carrier.name);
    return { reference, early: await remember(carrier, sms, reference) };
  }

  /** The end of an SMS may be known before its beginning is on the record. */
  async function told({ reference, early }: Taken): Promise<{ reference: string }> {
    const arrived = early.find(({ status }) => status === "delivered");
    const [first] = early;
    if (first && !arrived) throw new Terminal(first.code);
    if (arrived) await onEarlyReceipt(arrived);
    return { reference };
  }

  /** The gateway has the SMS: whatever fails from here on must not look as if it had not. */
  async function remember(
    { name }: Carrier,
    { idempotencyKey }: Sms,
    reference: string,
  ): Promise<SmsReceipt[]> {
    try {
      return await book.accepted(idempotencyKey, name, reference);
    } catch (error) {
      log.warn(
        { kind: name, effect: idempotencyKey, code: codeOf(error) },
        "whether an SMS arrives will not be known",
      );
      return [];
    }
  }

  /** A gateway that may have the SMS already. */
  async function askAgain(carrier: Carrier | undefined, sms: Sms): Promise<Taken> {
    if (!carrier?.knowsKeys) throw new Terminal("sms_doubtful");
    try {
      return await submit(carrier, sms);
    } catch (error) {
      if (!(error instanceof Retryable)) throw error;
      failed(carrier);
      throw calm(error);
    }
  }

  async function askInOrder(sms: Sms): Promise<Taken> {
    const { idempotencyKey: id } = sms;
    let before: string | undefined;
    let away: Retryable | undefined;
    let refusal: unknown;
    for (const carrier of inOrder()) {
      if (!(await book.ask(id, carrier.name, before))) throw new Retryable("sms_taken");
      try {
        return await submit(carrier, sms);
      } catch (error) {
        if (error instanceof Retryable) failed(carrier);
        else if (!(error instanceof Terminal)) throw error;
        if (error instanceof Retryable && error.isDoubtful) throw doubtful(carrier, error);
        before = carrier.name;
        if (error instanceof Retryable) away ??= error;
        else refusal = error;
      }
    }
    if (before !== undefined) await book.release(id, before);
    // Who was away may take what the others refuse.
    throw away ?? refusal ?? new Retryable("sms_away");
  }

  return {
    async send(sms) {
      const { gateway, reference } = await book.whereabouts(sms.idempotencyKey);
      if (reference !== undefined) return { reference };
      return told(await (gateway === undefined ? askInOrder(sms) : askAgain(named(gateway), sms)));
    },
  };

  function named(name: string): Carrier | undefined {
    return carriers.find((carrier) => carrier.name === name);
  }
}

/** One gateway that knows keys, and of whose SMS nothing is heard later: nothing need be written down. */
export function createLoneGateway(carrier: Carrier): SmsGateway {
  return {
    async send(sms) {
      try {
        return await carrier.submit(sms);
      } catch (error) {
        throw error instanceof Retryable ? calm(error) : error;
      }
    },
  };
}

function doubtful(carrier: Carrier, error: Retryable): Retryable | Terminal {
  return carrier.knowsKeys ? calm(error) : new Terminal("sms_doubtful", { cause: error });
}

/** A gateway that knows keys may be asked as often as it takes: whether it has the SMS is no doubt of ours. */
function calm({ code, cause, retryAfterMs }: Retryable): Retryable {
  return new Retryable(code, { cause, ...(retryAfterMs !== undefined && { retryAfterMs }) });
}
