import { abandonAt } from "../actors/collecte/drafts.ts";
import { nextReminderAt } from "../actors/collecte/reminders.ts";
import { forgetAt, purgeAt } from "../actors/collecte/retention.ts";
import type { Collecte, Instant } from "../actors/collecte/state.ts";
import type { CollecteView } from "../actors/runtime/ports.ts";
import { iso } from "./instants.ts";
import { shownNotifications, shownReplaced, shownSteps } from "./people-view.ts";
import { shownTasks } from "./task-view.ts";

/** The file name that a document was uploaded with, as a member to spread. */
export function nameOf({ personal }: Collecte, documentId: string): { name?: string } {
  const name = personal.documentNames?.[documentId];
  return name === undefined ? {} : { name };
}

/** A collecte as its firm sees it: never a token, a code's digest or a session. */
export function shownCollecte({ id, state, createdAt }: CollecteView) {
  return {
    id,
    state: state.status,
    title: state.personal.title,
    message: state.personal.message ?? "",
    language: state.language,
    level: state.level ?? "B-B",
    createdAt: iso(createdAt),
    ...instant("revisedAt", state.revisedAt),
    ...instant("abandonAt", abandonAt(state)),
    ...(state.documentType !== undefined && { documentType: state.documentType }),
    ...(state.preparer && { preparer: state.preparer }),
    ...instant("launchedAt", state.launchedAt),
    ...instant("expiresAt", state.expiresAt),
    ...(state.trouble && { trouble: { code: state.trouble.code, at: iso(state.trouble.at) } }),
    ...(state.pending && {
      pending: { code: state.pending.code, reason: state.pending.reason, at: iso(state.pending.at) },
    }),
    ...shownTasks(state),
    ...shownReminders(state),
    ...shownEnd(state),
    documents: state.documents.map((document) => ({
      id: document.id,
      ...nameOf(state, document.id),
      sha256: document.head,
      originalSha256: document.original,
      ...(document.repairedFrom !== undefined && { repairedFrom: document.repairedFrom }),
      bytes: document.bytes,
      pages: document.pages,
      revisions: document.revisions,
      ...(document.level !== undefined && { level: document.level }),
    })),
    steps: shownSteps(state),
    currentStep: state.currentStep,
    copies: state.copies.map((copyId) => ({
      id: copyId,
      name: state.personal.people[copyId]?.name ?? "",
      email: state.personal.people[copyId]?.email ?? "",
      ...shownNotifications(state, copyId),
    })),
    ...shownReplaced(state),
  };
}

function instant<K extends string>(name: K, at: Instant | undefined) {
  return at === undefined ? {} : ({ [name]: iso(at) } as Record<K, string>);
}

function shownReminders(state: Collecte) {
  const { terms, reminded } = state;
  if (!terms?.reminders && !reminded) return {};
  return {
    reminders: {
      ...terms?.reminders,
      ...instant("lastAt", reminded?.at),
      ...instant("nextAt", nextReminderAt(state)),
    },
  };
}

/** How it ended, and what becomes of its documents and its evidence. */
function shownEnd(state: Collecte) {
  const { endedAs, personal, evidence } = state;
  return {
    ...instant("endedAt", state.endedAt),
    ...(endedAs && { endedAs }),
    ...(personal.refusalReason !== undefined && { refusalReason: personal.refusalReason }),
    ...(state.abandoned && { abandoned: true }),
    ...(state.refusedBy !== undefined && { refusedBy: state.refusedBy }),
    ...(personal.cancellationReason !== undefined && { cancellationReason: personal.cancellationReason }),
    ...instant("deliveredAt", state.deliveredAt),
    ...instant("purgeAt", purgeAt(state)),
    ...instant("purgedAt", state.purgedAt),
    ...(evidence && { evidence: { ...evidence, at: iso(evidence.at) } }),
    ...instant("forgetAt", forgetAt(state)),
    ...instant("forgottenAt", state.forgottenAt),
  };
}
