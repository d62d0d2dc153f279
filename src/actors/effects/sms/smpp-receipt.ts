import type smpp from "smpp";
import type { SmsReceipt } from "../../runtime/ports.ts";

/** In what form receipts repeat the id that the server gave: some give it in hexadecimal, and repeat it in decimal. */
export type ReceiptIds = "same" | "decimal_of_hex" | "hex_of_decimal";

/** MC delivery receipt in bits 5 to 2 of esm_class (SMPP 3.4, 5.2.12). */
const isReceipt = ({ esm_class: esmClass = 0 }: smpp.Pdu) => (esmClass & 0x3c) === 0x04;

type Said = Pick<SmsReceipt, "reference" | "status" | "code">;

/** message_state (5.2.28) and `stat` (appendix B); what is not final is missing. */
const ends: Readonly<Record<string, Pick<SmsReceipt, "status" | "code">>> = {
  DELIVRD: { status: "delivered", code: "" },
  EXPIRED: { status: "failed", code: "sms_expired" },
  DELETED: { status: "failed", code: "sms_undelivered" },
  UNDELIV: { status: "failed", code: "sms_undelivered" },
  REJECTD: { status: "failed", code: "sms_rejected" },
};
const states: Readonly<Record<number, string>> = {
  2: "DELIVRD",
  3: "EXPIRED",
  4: "DELETED",
  5: "UNDELIV",
  8: "REJECTD",
};

/** What a deliver_sm says of an SMS of ours; undefined when it is none's receipt, or not the end. */
export function receiptOf(pdu: smpp.Pdu, form: ReceiptIds): Said | undefined {
  if (!isReceipt(pdu)) return undefined;
  const text = textOf(pdu.short_message?.message) || textOf(pdu.message_payload?.message);
  const id = pdu.receipted_message_id || /\bid:(\S+)/i.exec(text)?.[1];
  const stat = states[pdu.message_state ?? 0] ?? /\bstat:(\w+)/i.exec(text)?.[1]?.toUpperCase() ?? "";
  const end = ends[stat];
  // The TLV repeats the id as it was given; only the text is written in another form.
  const isRepeated = Boolean(pdu.receipted_message_id);
  return id && end ? { reference: canonical(id, isRepeated ? given(form) : form), ...end } : undefined;
}

/** The id of an answer in the form that its receipt can be compared with. */
export function referenceOf(id: string, form: ReceiptIds): string {
  return canonical(id, given(form));
}

type Written = ReceiptIds | "hex" | "decimal";

function given(form: ReceiptIds): Written {
  if (form === "same") return form;
  return form === "decimal_of_hex" ? "hex" : "decimal";
}

/** Decimal where hexadecimal and decimal meet; else as it is, but for case and zeros before it. */
function canonical(id: string, written: Written): string {
  const word = id.trim().slice(0, 64).toLowerCase();
  const isHex = written === "hex" || written === "hex_of_decimal";
  if (isHex && /^[0-9a-f]+$/.test(word)) return BigInt(`0x${word}`).toString();
  return word.replace(/^0+(?=.)/, "");
}

function textOf(message: string | Buffer | undefined): string {
  return message === undefined ? "" : message.toString();
}
