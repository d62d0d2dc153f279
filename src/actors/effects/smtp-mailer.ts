import { Transform, type TransformCallback } from "node:stream";
import { createTransport } from "nodemailer";
import { Retryable, Terminal } from "../runtime/errors.ts";
import type { Mailer } from "../runtime/ports.ts";

const stepTimeoutMs = 10_000;

/**
 * A mailer on a pool of kept SMTP connections. `smtpUrl` is `smtp://` or `smtps://`, with user and password if
 * needed; `from` is an address, alone or as `Name <address>`. Throws `Retryable` (`smtp_away`, `smtp_deferred`) or
 * `Terminal` (`mail_refused`), none of which names the recipient. `close` lets no connection keep the process up.
 */
export function createSmtpMailer({
  smtpUrl,
  from,
  returnPath,
  connections = 5,
}: {
  smtpUrl: string;
  from: string;
  /** By its Message-ID, where a mail comes back to that can't be delivered; absent: to `from`. */
  returnPath?: ((messageId: string) => string) | undefined;
  connections?: number;
}): Mailer & { close(): void } {
  const transport = createTransport({
    url: smtpUrl,
    pool: true,
    maxConnections: connections,
    maxMessages: 1_000,
    // Only for a mail of which nothing was sent, because its kept connection had died; else the outbox tries again.
    maxRequeues: 1,
    connectionTimeout: stepTimeoutMs,
    greetingTimeout: stepTimeoutMs,
    socketTimeout: stepTimeoutMs,
    dnsTimeout: stepTimeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });

  // Message-IDs of the mails that went out to their last byte: nodemailer's errors don't tell.
  const out = new Set<string>();
  transport.use("stream", (mail, done) => {
    const { message } = mail;
    const create = message.createReadStream.bind(message);
    message.createReadStream = (options) => {
      const whole = new Whole();
      whole.once("end", () => out.add(String(mail.data.messageId)));
      const made = create(options);
      made.once("error", (error: Error) => whole.destroy(error));
      return made.pipe(whole);
    };
    done();
  });

  return {
    async send({ messageId, to, subject, text, html }) {
      if (!isPlainAddress(to.address)) throw new Terminal("mail_refused");
      try {
        const sent = await transport.sendMail({
          ...{ from, to, subject, text, html, messageId },
          ...(returnPath && { envelope: { from: returnPath(messageId), to: to.address } }),
        });
        return { reference: sent.messageId };
      } catch (error) {
        throw asFailure(error, out.has(messageId));
      } finally {
        out.delete(messageId);
      }
    },
    close: () => transport.close(),
  };
}

/** A mail in one piece: nodemailer would write it to the socket line by line. */
class Whole extends Transform {
  readonly #pieces: Buffer[] = [];

  override _transform(piece: Buffer, _encoding: string, done: TransformCallback): void {
    this.#pieces.push(piece);
    done();
  }

  override _flush(done: TransformCallback): void {
    done(null, Buffer.concat(this.#pieces));
  }
}

/** RFC 5321 less quoted local parts, comments and routes: nothing that could be read as a second recipient. */
function isPlainAddress(address: string): boolean {
  return address.length <= 254 && /^[^\s@"(),:;<>[\\\]\p{Cc}]+@[^\s@"(),:;<>[\\\]\p{Cc}]+$/u.test(address);
}

/**
 * An SMTP reply repeats the address and nodemailer's error the envelope: only codes go on from here. Once the whole
 * mail is out, a lost connection leaves open whether the server has taken it.
 */
function asFailure(error: unknown, isOut: boolean): Retryable | Terminal {
  const { code, command, responseCode } = error as { code?: string; command?: string; responseCode?: number };
  const cause = new Error([command, code, responseCode].filter(Boolean).join(" "));
  const aboutThisMail = code === "EENVELOPE" || code === "EMESSAGE";
  if (isOut && responseCode === undefined) {
    return new Retryable("smtp_doubtful", { cause, isDoubtful: true });
  }
  if (!aboutThisMail) {
    const deferred = responseCode !== undefined && responseCode < 500;
    return new Retryable(deferred ? "smtp_deferred" : "smtp_away", { cause });
  }
  // A refused sender is a fault of our settings: it must not bury the mails of a whole batch.
  if (command === "MAIL FROM" || (responseCode !== undefined && responseCode < 500)) {
    return new Retryable("smtp_deferred", { cause });
  }
  return new Terminal("mail_refused", { cause });
}
