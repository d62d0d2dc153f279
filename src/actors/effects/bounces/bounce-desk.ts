import type { RecordNotification } from "../../collecte/commands.ts";
import { Retryable } from "../../runtime/errors.ts";
import type { Clock, Mailbox, Owners, Reads } from "../../runtime/ports.ts";
import { deliveryStatuses } from "./delivery-status.ts";

/** `failed`: the actor was told. `passing`: it may still arrive. `unreadable`: no notification, or of nobody known. */
export type BounceOutcome = "failed" | "passing" | "unreadable";

export interface BounceDeskOptions {
  owners: Owners;
  reads: Pick<Reads, "collecte" | "effect">;
  mailbox: Mailbox;
  clock: Clock;
}

/**
 * Tells the actor that its mail came back for good. What only takes long changes nothing, and what comes twice is known.
 * Throws `Retryable("too_early")` while the sending is not on the record.
 */
export function createBounceDesk({
  owners,
  reads,
  mailbox,
  clock,
}: BounceDeskOptions): (effectId: string, raw: Uint8Array) => Promise<BounceOutcome> {
  return async (effectId, raw) => {
    const statuses = deliveryStatuses(raw);
    if (statuses.length === 0) return "unreadable";
    const final = statuses.find(({ action, status }) => action === "failed" && status.startsWith("5"));
    if (!final) return "passing";
    if (await reads.effect(effectId)) throw new Retryable("too_early");
    const actorId = effectId.replace(/\.\d+\.\d+$/, "");
    const owner = await owners.ownerOf(actorId);
    if (owner?.kind !== "collecte") return "unreadable";
    const view = await reads.collecte(owner.firmId, actorId);
    const notification = view?.state.notifications[effectId];
    if (notification?.channel !== "mail") return "unreadable";
    const { notice, to } = notification;
    const command: RecordNotification = {
      type: "RecordNotification",
      effectId,
      channel: "mail",
      notice,
      to,
      status: "failed",
      reference: `mail_bounced_${final.status.replaceAll(".", "_")}`,
      at: clock.now(),
    };
    const { firmId, kind } = owner;
    await mailbox.accept({ id: `bounce:${effectId}`, actorId, kind, firmId, command });
    return "failed";
  };
}
