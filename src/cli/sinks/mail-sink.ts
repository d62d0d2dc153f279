import { mkdir } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from "smtp-server";
import { createInbox } from "./inbox.ts";
import { keep } from "./keep.ts";
import { type ParsedMail, parseMail } from "./parse-mail.ts";

/**
 * Mail that really arrived by SMTP. What `next` has handed out is forgotten; of all mails only the Message-IDs are
 * kept (some 150 bytes each), to know doubles.
 */
export interface MailSink {
  port: number;
  /** For the engine's settings: `smtp://127.0.0.1:{port}`. */
  url: string;
  /** The oldest mail for the address that satisfies `wanted`, each once; rejects after `timeoutMs` (30 s). */
  next(address: string, wanted?: (mail: ParsedMail) => boolean, timeoutMs?: number): Promise<ParsedMail>;
  /** Deliveries so far, doubles not counted. */
  count(): number;
  /** Deliveries whose Message-ID was known already for that recipient: counted, never handed out. */
  doubles(): number;
  close(): Promise<void>;
}

/** A real SMTP server on 127.0.0.1 without users or TLS. With `directory`, each mail is also kept as an .eml file. */
export async function startMailSink({
  port = 0,
  directory,
}: {
  port?: number;
  directory?: string;
} = {}): Promise<MailSink> {
  if (directory !== undefined) await mkdir(directory, { recursive: true });
  const inbox = createInbox<ParsedMail>("mail");
  const known = new Set<string>();
  let doubles = 0;
  let received = 0;

  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    logger: false,
    size: 10 * 1024 * 1024,
    closeTimeout: 100,
    onData(stream, session, answer) {
      receive(stream, session).then(
        () => answer(),
        (error: Error) => answer(error),
      );
    },
  });
  // A client that dies in the middle of a mail is the business of who starts it again.
  server.on("error", () => {});
  await new Promise<void>((resolve, reject) => {
    server.server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.server.address() as AddressInfo;

  return {
    port: address.port,
    url: `smtp://127.0.0.1:${address.port}`,
    next: (recipient, wanted = () => true, timeoutMs = 30_000) =>
      inbox.next(recipient.toLowerCase(), wanted, timeoutMs),
    count: () => known.size,
    doubles: () => doubles,
    close() {
      inbox.close();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };

  async function receive(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks);
    received += 1;
    if (directory !== undefined) await keep(directory, "eml", raw);
    for (const recipient of session.envelope.rcptTo) deliver(parseMail(raw, recipient.address), received);
  }

  function deliver(mail: ParsedMail, place: number): void {
    const name = `${mail.messageId || place} ${mail.to}`;
    if (known.has(name)) {
      doubles += 1;
      return;
    }
    known.add(name);
    inbox.put(mail.to, mail);
  }
}
