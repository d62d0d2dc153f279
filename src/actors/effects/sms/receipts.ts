import { setTimeout as sleep } from "node:timers/promises";
import type { RecordNotification } from "../../collecte/commands.ts";
import type { Mailbox, Reads, SmsBook, SmsReceipt } from "../../runtime/ports.ts";
import { digestOf } from "../../runtime/secrets.ts";

const looks = 20;
const pauseMs = 250;

/**
 * Tells the actor what became of its SMS. Harmless when it comes twice, before the sending was recorded, or for what
 * nobody knows or knows no more.
 */
export function createReceiptDesk({
  book,
  mailbox,
  reads,
  pause = () => sleep(pauseMs),
}: {
  book: Pick<SmsBook, "owner">;
  mailbox: Mailbox;
  reads: Pick<Reads, "effect">;
  /** For tests. */
  pause?: () => Promise<unknown>;
}): (receipt: SmsReceipt) => Promise<void> {
  /** A failure on the record before the sending would look as if a second try had then succeeded. */
  async function recorded(effectId: string): Promise<void> {
    for (let look = 0; look < looks && (await reads.effect(effectId)); look++) await pause();
  }

  return async (receipt) => {
    const sending = await book.owner(receipt);
    if (!sending?.about) return;
    if (receipt.status === "failed") await recorded(sending.effectId);
    const { effectId, about } = sending;
    const { gateway, reference, status, at } = receipt;
    const command: RecordNotification = {
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
