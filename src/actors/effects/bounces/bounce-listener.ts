import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerDataStream } from "smtp-server";
import { codeOf } from "../../runtime/errors.ts";
import type { Clock, Log } from "../../runtime/ports.ts";
import type { BounceOutcome } from "./bounce-desk.ts";

const maxBytes = 512 * 1024;
const maxClients = 50;
const idleMs = 30_000;
const windowMs = 60_000;
/** Of one address in a minute; the operator's own mail server brings them all. */
const mostMails = 1_200;
const mostAddresses = 10_000;

export interface BounceListenerOptions {
  host: string;
  port: number;
  /** The effect that an address proves, if it does. */
  effectOf(address: string): string | undefined;
  take(effectId: string, raw: Uint8Array): Promise<BounceOutcome>;
  clock: Clock;
  log: Log;
}

export interface BounceListener {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * An SMTP server that takes notifications of mails that came back, and nothing else: from nobody (`<>`, as RFC 5321
 * 4.5.5 has it), to addresses that prove to be ours, few and short. What can't be kept now is asked for again.
 */
export async function startBounceListener(options: BounceListenerOptions): Promise<BounceListener> {
  const { effectOf, take, log, clock } = options;
  const isTooMuch = limiter(clock);
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    logger: false,
    size: maxBytes,
    maxClients,
    socketTimeout: idleMs,
    closeTimeout: 500,
    onMailFrom({ address }, session, answer) {
      if (address) return answer(refusal(550, "5.7.1 only notifications are taken here"));
      if (isTooMuch(session.remoteAddress)) return answer(refusal(451, "4.7.1 too many, come back later"));
      answer();
    },
    onRcptTo({ address }, session, answer) {
      if (effectOf(address) === undefined) return answer(refusal(550, "5.1.1 no such address"));
      if (session.envelope.rcptTo.length > 0) return answer(refusal(452, "4.5.3 one at a time"));
      answer();
    },
    onData(stream, session, answer) {
      const effectId = effectOf(session.envelope.rcptTo[0]?.address ?? "") ?? "";
      receive(stream, effectId).then(
        () => answer(null, "taken"),
        (error: Error) => answer(error),
      );
    },
  });
  // A client that goes away in the middle comes again.
  server.on("error", () => undefined);
  server.listen(options.port, options.host);
  await Promise.race([
    once(server.server, "listening"),
    once(server.server, "error").then(([error]) => Promise.reject(error)),
  ]);

  async function receive(stream: SMTPServerDataStream, effectId: string): Promise<void> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      // Read to its end, and thrown away: the answer comes after the data.
      if (bytes <= maxBytes) chunks.push(chunk);
    }
    if (bytes > maxBytes) throw refusal(552, "5.3.4 too large");
    try {
      const outcome = await take(effectId, Buffer.concat(chunks));
      log.info({ effect: effectId, status: outcome }, "a mail came back");
    } catch (error) {
      log.warn(
        { effect: effectId, code: codeOf(error) },
        "a notification of a mail that came back was put off",
      );
      throw refusal(451, "4.3.0 come back later");
    }
  }

  return {
    port: (server.server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

function limiter(clock: Clock): (address: string) => boolean {
  const counts = new Map<string, number>();
  let window = 0;
  return (address) => {
    const now = Math.floor(clock.now() / windowMs);
    if (now !== window || counts.size >= mostAddresses) counts.clear();
    window = now;
    const count = (counts.get(address) ?? 0) + 1;
    counts.set(address, count);
    return count > mostMails;
  };
}
