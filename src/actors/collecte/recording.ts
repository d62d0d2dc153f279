import { afterApplied } from "./advance.ts";
import type { RecordNotification, RecordSignature } from "./commands.ts";
import type { Event } from "./events.ts";
import { type Decision, happened, refuse } from "./refusals.ts";
import { type Collecte, hasEnded, isSameOrdered } from "./state.ts";

export function recordSignature(state: Collecte, command: RecordSignature): Decision {
  if (!isFirstOrdered(state, command.by)) return refuse("not_ordered");
  const complete =
    command.documents.length === state.documents.length &&
    state.documents.every(({ id, head }, i) => {
      const signed = command.documents[i];
      return signed?.id === id && signed.before === head;
    });
  if (!complete) return refuse("documents_changed");
  const { documents, level, at, by, isInDoubt } = command;
  const applied: Event =
    "seal" in by
      ? { type: "SealApplied", step: by.seal, documents, level, at }
      : { type: "SignatureApplied", signatoryId: by.signatoryId, documents, level, at };
  return happened(applied, ...afterApplied(state, applied, isInDoubt));
}

const told = {
  sent: "NotificationSent",
  delivered: "NotificationDelivered",
  failed: "NotificationFailed",
} as const;

/**
 * Once each. A notice that failed for good may be tried again by hand, and then arrive; one that was sent may come back.
 * What has arrived stays so.
 */
export function recordNotification(state: Collecte, command: RecordNotification): Decision {
  if (state.status === "none") return refuse("not_found");
  const known = state.notifications[command.effectId]?.status;
  if (known === command.status || known === "delivered") return happened();
  const { effectId, channel, notice, to, reference, at, status } = command;
  return happened({ type: told[status], effectId, channel, notice, to, reference, at });
}

export function isFirstOrdered(state: Collecte, by: RecordSignature["by"]): boolean {
  const first = state.ordered[0];
  return first !== undefined && !hasEnded(state) && isSameOrdered(first, by);
}
