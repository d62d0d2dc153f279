import type { MailboxRow, Message, Outcome, Receipt } from "../actors/runtime/ports.ts";
import type { Secrets } from "../actors/runtime/secrets.ts";

/** A row of `mailbox`. */
export interface MailboxColumns {
  seq: number;
  message_id: string;
  actor_id: string;
  kind: string;
  firm_id: string;
  fingerprint: string | null;
  payload: string;
  attempts: number;
}

/** A row of `receipts`. */
export interface ReceiptColumns {
  message_id: string;
  actor_id: string;
  fingerprint: string | null;
  outcome: string;
  at: number;
}

/** A waiting command is hidden whole: its actor may have no key yet. */
export function mailColumns(message: Message, secrets: Pick<Secrets, "wrap">) {
  const { id, actorId, kind, firmId, fingerprint = null, command } = message;
  const payload = secrets.wrap(Buffer.from(JSON.stringify(command))).toString("base64");
  return { id, actorId, kind, firmId, fingerprint, payload };
}

export function mailOf(row: MailboxColumns, secrets: Pick<Secrets, "unwrap">): MailboxRow {
  const command = JSON.parse(secrets.unwrap(Buffer.from(row.payload, "base64")).toString());
  const message: Message = {
    id: row.message_id,
    actorId: row.actor_id,
    kind: row.kind,
    firmId: row.firm_id,
    command,
    ...(row.fingerprint !== null && { fingerprint: row.fingerprint }),
  };
  return { seq: row.seq, message, attempts: row.attempts };
}

export function receiptOf(row: ReceiptColumns): Receipt {
  const outcome = JSON.parse(row.outcome) as Outcome;
  const { message_id: messageId, actor_id: actorId, fingerprint, at } = row;
  return { messageId, actorId, fingerprint, outcome, at };
}
