export interface MailMessage {
  /** Also the idempotency key: a second try carries the same Message-ID. */
  messageId: string;
  to: { name: string; address: string };
  subject: string;
  text: string;
  html: string;
}

/** Throws `Retryable` (away, 4xx) or `Terminal` (5xx for this recipient). */
export interface Mailer {
  send(mail: MailMessage): Promise<{ reference: string }>;
}
