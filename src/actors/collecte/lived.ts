import type { LifeEvent } from "./life-events.ts";
import { accessesKept } from "./numbers.ts";
import { corrected, reordered, replaced, unlocked } from "./rearranged.ts";
import { type Collecte, type Ending, nothing } from "./state.ts";
import { notified } from "./tasks.ts";
import { accessOf } from "./upkeep.ts";

/** The state after what was changed while the collecte ran, and after what went on beside its course. */
export function lived(state: Collecte, event: LifeEvent): Collecte {
  switch (event.type) {
    case "OrderChanged":
      return reordered(state, event);
    case "SignatoryReplaced":
      return replaced(state, event);
    case "PersonCorrected":
      return corrected(state, event);
    case "SignatoriesReminded": {
      const scheduled = (state.reminded?.scheduled ?? 0) + (event.scheduled ? 1 : 0);
      return { ...state, expiresAt: event.expiresAt, reminded: { at: event.at, scheduled } };
    }
    case "SignatoryUnlocked":
      return unlocked(state, event.signatoryId);
    case "SigningRetried": {
      const { trouble: _tried, ...sound } = state;
      return sound;
    }
    case "SealAwaited":
      return { ...state, sealAwaitedAt: event.at };
    case "DocumentsAccessed":
      return { ...state, accesses: [...(state.accesses ?? []), accessOf(event)].slice(-accessesKept) };
    case "EvidenceFiled": {
      const { sha256, bytes, level, at } = event;
      return { ...withoutFailure(state, "evidence"), evidence: { sha256, bytes, level, at } };
    }
    case "DocumentsDelivered":
      return { ...withoutFailure(state, "deliver"), deliveredAt: event.at };
    case "PurgeAnnounced":
      return { ...state, purgeAnnouncedAt: event.at };
    case "PurgeBegun":
      return { ...state, purgingAt: event.at };
    case "CollectePurged": {
      const endedAs = state.status as Ending;
      return { ...withoutFailure(state, "purge"), status: "purged", endedAs, purgedAt: event.at };
    }
    case "PeopleForgotten": {
      const { evidence: _gone, ...left } = state;
      return { ...left, forgottenAt: event.at, personal: nothing.personal };
    }
    case "UpkeepFailed":
      return { ...state, upkeep: { ...state.upkeep, [event.what]: { code: event.code, at: event.at } } };
    case "NotificationSent":
      return notified(state, event, "sent");
    case "NotificationDelivered":
      return notified(state, event, "delivered");
    case "NotificationFailed":
      return notified(state, event, "failed");
  }
}

function withoutFailure({ upkeep, ...state }: Collecte, what: string): Collecte {
  const { [what]: _mended, ...left } = upkeep ?? {};
  return Object.keys(left).length === 0 ? state : { ...state, upkeep: left };
}
