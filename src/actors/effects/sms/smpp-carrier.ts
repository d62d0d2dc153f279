import type smpp from "smpp";
import { Retryable, Terminal } from "../../runtime/errors.ts";
import type { CarriedSms, SmsReceipt } from "../../runtime/ports.ts";
import { Turns } from "../../runtime/turns.ts";
import { encodeSms } from "./alphabet.ts";
import type { Carrier } from "./carrier.ts";
import { createSmppLink, type SmppPlace, type SmppTimes, usualTimes } from "./smpp-link.ts";
import { type ReceiptIds, receiptOf, referenceOf } from "./smpp-receipt.ts";

export interface SmppDescription extends SmppPlace {
  name: string;
  kind: "smpp";
  from: string;
  /** How many SMS may wait for the server's answer at once. */
  window: number;
  receiptIds: ReceiptIds;
}

/** ESME_RTHROTTLED, ESME_RMSGQFUL: come back in a moment. */
const busy: ReadonlySet<number> = new Set([0x58, 0x14]);
/** ESME_RINVMSGLEN, RINVDSTADR, RINVDSTTON, RINVDSTNPI, RX_P_APPN, RX_R_APPN: this SMS, and no other try mends it. */
const refusals: ReadonlySet<number> = new Set([0x01, 0x0b, 0x50, 0x51, 0x65, 0x66]);
const busyMs = 1_000;
/** A code is worth nothing after 30 minutes: the network need not try for longer (SMPP 3.4, 7.1.1.2, relative). */
const validity = "000000003000000R";
/** ESME_RX_T_APPN: send the receipt again later. */
const tryAgain = 0x64;

export interface SmppCarrierOptions {
  description: SmppDescription;
  now(): number;
  /** Resolves once a receipt is durable, or not worth keeping. */
  onReceipt(receipt: SmsReceipt): Promise<void>;
  times?: SmppTimes;
}

/** A gateway by SMPP 3.4. It knows no keys: what has no answer may have gone out. */
export function createSmppCarrier({
  description,
  now,
  onReceipt,
  times = usualTimes,
}: SmppCarrierOptions): Carrier {
  const { name, receiptIds } = description;
  const link = createSmppLink(description, times, (session, pdu) => {
    delivered(session, pdu).catch(() => session.send(pdu.response({ command_status: tryAgain })));
  });
  const window = new Turns(description.window);

  async function delivered(session: smpp.Session, pdu: smpp.Pdu): Promise<void> {
    const receipt = receiptOf(pdu, receiptIds);
    if (receipt) await onReceipt({ gateway: name, ...receipt, at: now() });
    session.send(pdu.response());
  }

  function submit(session: smpp.Session, sms: CarriedSms): Promise<smpp.Pdu> {
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(late);
        session.off("close", lost);
      };
      const fail = (reason: string, isDoubtful: boolean) => {
        end();
        reject(new Retryable("sms_away", { cause: new Error(reason), isDoubtful }));
      };
      const lost = () => fail("connection lost", true);
      const late = setTimeout(() => fail("no answer", true), times.answerMs);
      session.once("close", lost);
      const isWritten = session.submit_sm(fieldsOf(description, sms), (answer) => {
        end();
        resolve(answer);
      });
      if (!isWritten) fail("not connected", false);
    });
  }

  return {
    name,
    knowsKeys: false,
    submit: (sms) =>
      window.take(async () => {
        const session = await link.session();
        if (!session) throw new Retryable("sms_away", { cause: new Error("not bound") });
        const { command_status: status, message_id: id = "" } = await submit(session, sms);
        if (status !== 0) throw failure(status);
        return { reference: id === "" ? sms.idempotencyKey : referenceOf(id, receiptIds) };
      }),
    close: () => link.close(),
  };
}

function failure(status: number): Retryable | Terminal {
  const cause = new Error(`SMPP ${status.toString(16)}`);
  if (refusals.has(status)) return new Terminal("sms_refused", { cause });
  return new Retryable("sms_away", { cause, ...(busy.has(status) && { retryAfterMs: busyMs }) });
}

function fieldsOf({ from }: SmppDescription, { to, text }: CarriedSms): Record<string, unknown> {
  const { encoding, bytes, segments } = encodeSms(text);
  const message = Buffer.from(bytes);
  return {
    ...sourceOf(from),
    // International, ISDN (E.164): without the plus.
    dest_addr_ton: 1,
    dest_addr_npi: 1,
    destination_addr: to.replace("+", ""),
    registered_delivery: 1,
    validity_period: validity,
    data_coding: encoding === "gsm7" ? 0 : 8,
    // A long text goes whole: its parts, each with an answer of its own, could be sent by halves.
    ...(segments === 1 ? { short_message: message } : { message_payload: message }),
  };
}

/** A name, a number in E.164, or a short code. */
function sourceOf(from: string): Record<string, unknown> {
  if (/^\+\d+$/.test(from)) return { source_addr_ton: 1, source_addr_npi: 1, source_addr: from.slice(1) };
  if (/^\d+$/.test(from)) return { source_addr_ton: 3, source_addr_npi: 1, source_addr: from };
  return from === "" ? {} : { source_addr_ton: 5, source_addr_npi: 0, source_addr: from };
}
