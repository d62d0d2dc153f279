import { type Decision, happened, refuse } from "./refusals.ts";
import { announceAt, forgetAt, purgeAt } from "./retention.ts";
import { type Collecte, hasEnded } from "./state.ts";
import type {
  ForgetPeople,
  PurgeCollecte,
  RecordAccess,
  RecordEvidence,
  RecordPurge,
  RecordUpkeepFailure,
  UpkeepCommand,
} from "./upkeep-commands.ts";

/** What goes on beside the course of a collecte, mostly after its end. */
export function upkeep(state: Collecte, command: UpkeepCommand): Decision {
  if (state.status === "none") return refuse("not_found");
  switch (command.type) {
    case "RecordAccess":
      return recordAccess(state, command);
    case "RecordEvidence":
      return recordEvidence(state, command);
    case "RecordDelivery": {
      if (!hasEnded(state)) return refuse("not_ended");
      if (state.deliveredAt !== undefined) return happened();
      const { how, by, at } = command;
      return happened({ type: "DocumentsDelivered", how, ...(by && { by }), at });
    }
    case "AnnouncePurge": {
      const due = announceAt(state);
      const purge = purgeAt(state);
      if (due === undefined || purge === undefined || command.at < due) return refuse("not_due");
      return happened({ type: "PurgeAnnounced", purgeAt: purge, at: command.at });
    }
    case "PurgeCollecte":
      return purge(state, command);
    case "RecordPurge":
      return recordPurge(state, command);
    case "ForgetPeople":
      return forget(state, command);
    case "RecordUpkeepFailure":
      return recordFailure(state, command);
  }
}

/** How an access is known, so that it is recorded once. */
export function accessOf({
  personId,
  sessionId,
  act,
  documents,
}: Pick<RecordAccess, "personId" | "sessionId" | "act" | "documents">): string {
  return [personId, sessionId, act, ...documents].join(" ");
}

function recordAccess(state: Collecte, command: RecordAccess): Decision {
  const { personId, sessionId, act, documents, at, personal } = command;
  if (!Object.hasOwn(state.personal.people, personId)) return refuse("unknown_signatory");
  // Nothing can be opened any more; what was opened before may be told late.
  if (state.purgedAt !== undefined && at >= state.purgedAt) return refuse("collecte_ended");
  if (state.accesses?.includes(accessOf(command))) return happened();
  const { trace } = personal;
  return happened({
    type: "DocumentsAccessed",
    personId,
    sessionId,
    act,
    documents,
    at,
    personal: { trace },
  });
}

function recordEvidence(state: Collecte, { sha256, bytes, level, at }: RecordEvidence): Decision {
  if (!hasEnded(state)) return refuse("not_ended");
  if (state.forgottenAt !== undefined) return refuse("collecte_ended");
  if (state.evidence?.sha256 === sha256) return happened();
  return happened({ type: "EvidenceFiled", sha256, bytes, level, at });
}

function purge(state: Collecte, { at }: PurgeCollecte): Decision {
  if (!hasEnded(state)) return refuse("not_ended");
  if (state.purgingAt !== undefined) return happened();
  const due = purgeAt(state);
  if (due === undefined || at < due) return refuse("not_due");
  return happened({ type: "PurgeBegun", at });
}

function recordPurge(state: Collecte, { removed, kept, at }: RecordPurge): Decision {
  if (state.purgingAt === undefined) return refuse("not_due");
  if (state.status === "purged") return happened();
  return happened({ type: "CollectePurged", removed, kept, at });
}

function forget(state: Collecte, { at }: ForgetPeople): Decision {
  if (state.forgottenAt !== undefined) return happened();
  const due = forgetAt(state);
  if (due === undefined || at < due) return refuse("not_due");
  return happened({ type: "PeopleForgotten", at });
}

/** The first failure, until it is mended: one mail about it is enough. */
function recordFailure(state: Collecte, { what, code, at }: RecordUpkeepFailure): Decision {
  if (!hasEnded(state)) return refuse("not_ended");
  const isMended = what === "deliver" && state.deliveredAt !== undefined;
  if (isMended || state.upkeep?.[what]) return happened();
  return happened({ type: "UpkeepFailed", what, code, at });
}
