import { type Collecte, isSameOrdered, type Ordered, sealKey } from "../actors/collecte/state.ts";
import { type Choice, retriedUntil, type Session } from "../actors/parapheur/state.ts";
import type { AwaitedLine, CollecteView, Firm, Member } from "../actors/runtime/ports.ts";
import { nameOf } from "./collecte-view.ts";
import { iso } from "./instants.ts";
import type { outcomes } from "./parapheur-schema.ts";

/** A line of the list: what the member would sign, and until when. */
export function shownLine(
  { act, key, since, dueAt, documentType }: AwaitedLine,
  { id, state }: CollecteView,
  { firm, members }: { firm: Firm; members: ReadonlyMap<string, Member> },
) {
  const preparer = members.get(state.preparer?.memberId ?? "");
  const by = orderedOf({ act, key });
  const stamps = (state.stamps ?? []).filter((stamp) => isSameOrdered(stamp.by, by));
  return {
    collecte: id,
    act,
    title: state.personal.title,
    ...(state.personal.message !== undefined && { message: state.personal.message }),
    language: state.language,
    preparer: preparer ? `${preparer.firstName} ${preparer.lastName}` : firm.name,
    ...(documentType !== undefined && { documentType }),
    documents: state.documents.map((document) => ({
      id: document.id,
      ...nameOf(state, document.id),
      pages: document.pages,
      bytes: document.bytes,
      sha256: document.head,
    })),
    ...(stamps.length > 0 && { stamps: stamps.map(({ by: _theirs, ...stamp }) => stamp) }),
    since: iso(since),
    expiresAt: iso(dueAt),
  };
}

export interface Outcome {
  status: (typeof outcomes)[number];
  /** Why it failed, was refused, or waits. */
  code?: string;
}

/** What was handed to collectes, which then say what became of it. */
export function takenActs({ status, choices, inHand, refused }: Session): Choice[] {
  if (status === "open") return [];
  const waiting = new Set(inHand);
  return choices.filter((_, place) => !waiting.has(place) && !refused[place]);
}

/** What became of each act of a session, by its place; `courses` of those that were taken. */
export function outcomesOf(session: Session, courses: ReadonlyMap<string, Collecte>): Outcome[] {
  const inHand = new Set(session.inHand);
  return session.choices.map((choice, place): Outcome => {
    if (session.status === "open") return { status: "awaiting_code" };
    const refused = session.refused[place];
    if (inHand.has(place)) return { status: "signing" };
    if (refused) return { status: "refused", code: refused.code };
    const course = courses.get(choice.collecteId);
    return course ? outcomeIn(course, choice) : { status: "failed", code: "not_found" };
  });
}

/** Of an act that its collecte has taken. */
function outcomeIn(state: Collecte, choice: Choice): Outcome {
  if (isDone(state, choice)) return { status: "signed" };
  const [next] = state.ordered;
  if (state.status !== "launched") return { status: "failed", code: "collecte_ended" };
  if (!next || !isSameOrdered(next, orderedOf(choice))) return { status: "signing" };
  if (state.trouble) return { status: "failed", code: state.trouble.code };
  return state.pending ? { status: "waiting", code: state.pending.code } : { status: "signing" };
}

function isDone({ signatories, steps, currentStep }: Collecte, { act, key }: Choice): boolean {
  if (act === "sign") return signatories[key]?.status === "signed";
  const index = steps.findIndex((step, i) => "seal" in step && String(sealKey(step, i)) === key);
  return index !== -1 && index < currentStep;
}

function orderedOf({ act, key }: Pick<Choice, "act" | "key">): Ordered {
  return act === "sign" ? { signatoryId: key } : { seal: Number(key) };
}

/** A session with its figures; `from` and `limit` say which of its acts are shown, in their order. */
export function shownSession(
  id: string,
  session: Session,
  all: Outcome[],
  { from, limit, status }: { from: number; limit: number; status?: Outcome["status"] | undefined },
) {
  const chosen = session.choices.flatMap((choice, place) => {
    const outcome = all[place];
    if (place < from || !outcome || (status !== undefined && outcome.status !== status)) return [];
    const { collecteId: collecte, act, documents, forMemberId } = choice;
    return [{ place, collecte, act, documents, ...(forMemberId && { for: forMemberId }), ...outcome }];
  });
  const until = retriedUntil(session);
  const next = chosen[limit]?.place;
  return {
    id,
    status: statusOf(session, all),
    openedAt: iso(session.openedAt),
    ...(session.signedAt !== undefined && { signedAt: iso(session.signedAt) }),
    ...(until !== undefined && { retriedUntil: iso(until) }),
    consentText: session.consentText,
    progress: progressOf(all),
    items: chosen.slice(0, limit),
    ...(next !== undefined && { nextFrom: next }),
    leftOut: session.leftOut.map(({ collecteId: collecte, act, code }) => ({ collecte, act, code })),
  };
}

function statusOf(session: Session, all: Outcome[]): "awaiting_code" | "signing" | "done" {
  if (session.status === "open") return "awaiting_code";
  return all.some(({ status }) => status === "signing" || status === "waiting") ? "signing" : "done";
}

function progressOf(all: Outcome[]) {
  const count = (status: Outcome["status"]) => all.filter((one) => one.status === status).length;
  return {
    total: all.length,
    signed: count("signed"),
    signing: count("signing"),
    waiting: count("waiting"),
    failed: count("failed"),
    refused: count("refused"),
  };
}
