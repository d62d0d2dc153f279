import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import { type ParsedMail, parseMail } from "../../src/cli/sinks/parse-mail.ts";

/** A mail server that keeps what stands on the envelope too. */
export interface Postman {
  url: string;
  mails: (ParsedMail & { returnPath: string })[];
  close(): Promise<void>;
}

export async function startPostman(): Promise<Postman> {
  const mails: Postman["mails"] = [];
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    logger: false,
    closeTimeout: 100,
    onData(stream, { envelope }, answer) {
      stream.toArray().then((chunks) => {
        const { mailFrom, rcptTo } = envelope;
        const returnPath = mailFrom === false ? "" : mailFrom.address;
        mails.push({ ...parseMail(Buffer.concat(chunks), rcptTo[0]?.address ?? ""), returnPath });
        answer();
      }, answer);
    },
  });
  server.on("error", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    mails,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** As mail servers write it (RFC 3464). */
export function notification(action: string, status: string, boundary = "b1"): string {
  return [
    "From: MAILER-DAEMON@mx.example",
    "Subject: Undelivered Mail Returned to Sender",
    `Content-Type: multipart/report; report-type=delivery-status;\r\n boundary="${boundary}"`,
    "MIME-Version: 1.0",
    "",
    `--${boundary}`,
    "Content-Type: text/plain",
    "",
    "I'm sorry to have to inform you that Action: delivered",
    "",
    `--${boundary}`,
    "Content-Type: message/delivery-status",
    "",
    "Reporting-MTA: dns; mx.example",
    "Arrival-Date: Mon, 23 Nov 2026 14:05:00 +0100",
    "",
    "Final-Recipient: rfc822; zoe@client.example",
    `Action: ${action}`,
    `Status: ${status}`,
    "Diagnostic-Code: smtp; 550 5.1.1 <zoe@client.example>:",
    "    Recipient address rejected",
    "",
    `--${boundary}`,
    "Content-Type: text/rfc822-headers",
    "",
    "Status: 5.9.9",
    "",
    `--${boundary}--`,
    "",
  ].join("\r\n");
}
