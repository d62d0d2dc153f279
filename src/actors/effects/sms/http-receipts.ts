import { createHmac, hash, timingSafeEqual } from "node:crypto";
import type { Instant, SmsReceipt, SmsReceiptCall } from "../../runtime/ports.ts";
import type { ReceiptDescription } from "./http-description.ts";
import { at, parsed, wordAt } from "./json.ts";

const mostReceipts = 1_000;

/** Whether the call shows the secret; takes as long whatever it shows. */
export function isGenuine({ secret }: ReceiptDescription, call: SmsReceiptCall): boolean {
  switch (secret.kind) {
    case "path":
      return isSame(call.pathSecret, secret.value);
    case "header":
      return isSame(call.header(secret.header) ?? "", secret.value);
    case "hmac": {
      const mac = createHmac("sha256", secret.value).update(call.body).digest(secret.encoding);
      return isSame(call.header(secret.header) ?? "", secret.prefix + mac);
    }
  }
}

/** Compared as digests, which have one length: it tells nothing of the secret's own. */
function isSame(one: string, other: string): boolean {
  return timingSafeEqual(hash("sha256", one, "buffer"), hash("sha256", other, "buffer"));
}

/** What the call says of SMS; what is not final says nothing. Undefined when it can't be read. */
export function receiptsIn(
  gateway: string,
  description: ReceiptDescription,
  call: SmsReceiptCall,
  now: Instant,
): SmsReceipt[] | undefined {
  const text = Buffer.from(call.body).toString();
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(call.contentType);
  const body = isForm ? Object.fromEntries(new URLSearchParams(text)) : parsed(text);
  const list = description.list === undefined ? [body] : at(body, description.list);
  if (!Array.isArray(list) || list.length > mostReceipts) return undefined;
  const receipts: SmsReceipt[] = [];
  for (const one of list) {
    const reference = wordAt(one, description.reference);
    const said = wordAt(one, description.status);
    if (reference === undefined || said === undefined) return undefined;
    const isDelivered = description.delivered.includes(said);
    if (!isDelivered && !description.failed.includes(said)) continue;
    receipts.push({
      gateway,
      reference,
      ...(description.names === "ours" && { isOurName: true }),
      status: isDelivered ? "delivered" : "failed",
      code: "sms_undelivered",
      at: now,
    });
  }
  return receipts;
}
