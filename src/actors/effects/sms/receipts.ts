import type { Mailbox, SmsBook, SmsReceipt } from "../../runtime/ports.ts";
import { digestOf } from "../../runtime/secrets.ts";

/**
 * Tells the actor what became of its SMS. Harmless when it comes twice, before the sending was recorded, or for what
 * nobody knows or knows no more.
 */
export function createReceiptDesk({
  book,
  mailbox,
}: {
  book: Pick<SmsBook, "owner">;
  mailbox: Mailbox;
}): (receipt: SmsReceipt) => Promise<void> {
  return async (receipt) => {
    const sending = await book.owner(receipt);
    if (!sending?.about) return;
    const { effectId, about } = sending;
    const { gateway, reference, status, at } = receipt;
    const command = {
      type: "RecordNotification",
      effectId,
      channel: "sms",
      notice: about.notice,
      to: about.to,
      status,
      reference: status === "failed" ? receipt.code : reference,
      at,
    };
    await mailbox.accept({
      id: `receipt:${effectId}:${status}:${digestOf(`${gateway}\n${reference}`).slice(0, 16)}`,
      actorId: about.actorId,
      kind: about.actorKind,
      firmId: about.firmId,
      command,
    });
  };
}
