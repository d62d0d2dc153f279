import { setTimeout as pause } from "node:timers/promises";
import type { Command } from "../collecte/commands.ts";
import { type Collecte, isSameOrdered } from "../collecte/state.ts";
import type { ParapheurCommand } from "../parapheur/commands.ts";
import type { ParapheurEffect } from "../parapheur/decider.ts";
import type { Choice, Session } from "../parapheur/state.ts";
import { delegatedBy } from "../runtime/delegated.ts";
import { Retryable } from "../runtime/errors.ts";
import type {
  Clock,
  Delegation,
  EffectInHand,
  Instant,
  Mailbox,
  Member,
  Message,
  Outcome,
  Parapheurs,
  Reads,
  Staff,
} from "../runtime/ports.ts";
import type { Acting } from "./by-actor.ts";
import { handOver } from "./hand-over.ts";

export interface ParapheurDeps {
  mailbox: Mailbox;
  reads: Pick<Reads, "receipts">;
  parapheurs: Pick<Parapheurs, "courses">;
  staff: Pick<Staff, "member" | "delegationsTo">;
  clock: Clock;
}

type InHand = EffectInHand<Session>;

/** As many acts as one transaction takes; rights are read anew for each such part. */
const together = 500;
/** How long the outcomes of what another process decides are waited for. */
const patienceMs = 5_000;
const lookEveryMs = 100;

/** Who acts, and what they may do in the place of others. */
interface Rights {
  member: Member | undefined;
  delegations: Delegation[];
}

/** What a session of the parapheur orders: its acts, each a command to its collecte. */
export function parapheurActing(deps: ParapheurDeps): Acting {
  return {
    handlers: { parapheur: (effect) => handOverRound(deps, effect) },
    failureCommand: ({ row }: InHand, code: string, at: Instant): ParapheurCommand => {
      const { round } = row.payload as unknown as ParapheurEffect;
      return { type: "RecordRoundFailure", round, code, at };
    },
  };
}

/** What a collecte refuses stops no other. */
async function handOverRound(deps: ParapheurDeps, inHand: InHand): Promise<ParapheurCommand | undefined> {
  const { row, state } = inHand;
  const { round } = row.payload as unknown as ParapheurEffect;
  if (round !== state.rounds || state.inHand.length === 0) return undefined;
  const refused: Record<number, string> = {};
  for (let from = 0; from < state.inHand.length; from += together) {
    const acts = await actsOf(deps, inHand, state.inHand.slice(from, from + together));
    const messages = acts.flatMap((act) => ("refused" in act ? [] : [act.message]));
    const outcomes = await outcomesOf(deps, row.firmId, messages);
    for (const act of acts) {
      const code = "refused" in act ? act.refused : refusalIn(outcomes.get(act.message.id));
      if (code !== undefined) refused[act.place] = code;
    }
  }
  return { type: "RecordRound", round, refused, at: deps.clock.now() };
}

/** What is to be told to a collecte for the choice in this place, or why nothing is. */
type Act = { place: number } & ({ message: Message } | { refused: string });

/**
 * Each act has an id of its session, place and round, so that a round that is handed over twice changes nothing the
 * second time.
 */
async function actsOf(deps: ParapheurDeps, { row, state }: InHand, places: number[]): Promise<Act[]> {
  const { firmId, actorId: sessionId } = row;
  const collecteIds = places.map((place) => state.choices[place]?.collecteId ?? "");
  const [rights, courses] = await Promise.all([
    rightsOf(deps, firmId, state.memberId),
    deps.parapheurs.courses(firmId, collecteIds),
  ]);
  const at = deps.clock.now();
  return places.map((place): Act => {
    const choice = state.choices[place];
    const course = choice && courses.get(choice.collecteId);
    if (!choice || !course) return { place, refused: "not_found" };
    const right = mayDo(choice, course, rights, at);
    if ("missing" in right) return { place, refused: right.missing };
    const id = `${sessionId}.${place}.${state.rounds}`;
    const command = commandOf(state, sessionId, choice, course, right.delegationId, at);
    return { place, message: { id, actorId: choice.collecteId, kind: "collecte", firmId, command } };
  });
}

const refusalIn = (outcome: Outcome | undefined): string | undefined =>
  outcome?.status === "refused" ? outcome.code : undefined;

async function rightsOf({ staff }: ParapheurDeps, firmId: string, memberId: string): Promise<Rights> {
  const [member, delegations] = await Promise.all([
    staff.member(firmId, memberId),
    staff.delegationsTo(firmId, memberId),
  ]);
  return { member, delegations };
}

/** Rights are judged here, at the act: since the code was asked for somebody may have left or taken a right back. */
function mayDo(
  { act, forMemberId }: Choice,
  { documentType }: Collecte,
  { member, delegations }: Rights,
  at: Instant,
): { delegationId?: string } | { missing: string } {
  if (!member || member.leftAt !== undefined) return { missing: "member_left" };
  // To sign for oneself needs no right, and an expert seals by their own.
  if (forMemberId === undefined && (act === "sign" || member.role === "expert")) return {};
  const found = delegatedBy(delegations, { right: act, documentType, expertId: forMemberId }, at);
  return found ? { delegationId: found.id } : { missing: "right_missing" };
}

function commandOf(
  { memberId, otpId = "", consentText, personal }: Session,
  sessionId: string,
  { act, key, documents }: Choice,
  course: Collecte,
  delegationId: string | undefined,
  at: Instant,
): Command {
  const by = { memberId, ...(delegationId !== undefined && { delegationId }) };
  const ordered = act === "sign" ? { signatoryId: key } : { seal: Number(key) };
  const [next] = course.ordered;
  // It was taken before and could not be made: its documents are still those, nothing else could be made since.
  if (course.trouble && next && isSameOrdered(next, ordered)) return { type: "RetrySigning", by, at };
  const common = { ...by, sessionId, otpId, documents, at, personal };
  return act === "sign"
    ? { type: "SignAsMember", signatoryId: key, consentText, ...common }
    : { type: "SealAsMember", seal: Number(key), ...common };
}

/** Handed over in one turn of the event loop, so that they share commits. */
async function outcomesOf(
  { mailbox, reads }: ParapheurDeps,
  firmId: string,
  messages: Message[],
): Promise<Map<string, Outcome>> {
  const answers = await Promise.all(messages.map((message) => handOver(mailbox, message)));
  const outcomes = new Map(messages.map(({ id }, i) => [id, answers[i] as Outcome]));
  const waiting = () => [...outcomes].flatMap(([id, { status }]) => (status === "accepted" ? [id] : []));
  for (let waited = 0; waiting().length > 0; waited += lookEveryMs) {
    if (waited >= patienceMs) throw new Retryable("acts_undecided");
    await pause(lookEveryMs);
    for (const [id, { outcome }] of await reads.receipts(firmId, waiting())) outcomes.set(id, outcome);
  }
  return outcomes;
}
