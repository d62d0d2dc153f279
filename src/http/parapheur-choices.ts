import { awaitedOf } from "../actors/collecte/awaited.ts";
import { type Collecte, documentHeads, wereShown } from "../actors/collecte/state.ts";
import type { Choice, LeftOut } from "../actors/parapheur/state.ts";
import type { Door } from "./door.ts";
import type { FieldCode } from "./field-errors.ts";
import { statusOf } from "./member-standing.ts";
import { mayAct, type Standing } from "./parapheur-rights.ts";
import type { Chosen } from "./parapheur-schema.ts";
import { Problem } from "./problem.ts";

/** Why something that was ticked can't be signed: each also stands beside a field in `errors`. */
export type ChoiceFault = Extract<
  FieldCode,
  "choice_unknown" | "choice_ended" | "choice_not_awaited" | "choice_changed" | "choice_not_allowed"
>;

/** What was ticked, as far as it waits as it was shown; the rest is told and left out. */
export function resolved(
  chosen: readonly Chosen[],
  courses: ReadonlyMap<string, Collecte>,
  standing: Standing,
): { choices: Choice[]; leftOut: (LeftOut & { place: number; code: ChoiceFault })[] } {
  const choices: Choice[] = [];
  const leftOut: (LeftOut & { place: number; code: ChoiceFault })[] = [];
  for (const [place, one] of chosen.entries()) {
    const found = choiceOf(one, courses.get(one.collecte), standing);
    if (typeof found === "string")
      leftOut.push({ place, collecteId: one.collecte, act: one.act, code: found });
    else choices.push(found);
  }
  return { choices, leftOut };
}

function choiceOf(
  { collecte: collecteId, act, documents, for: asked }: Chosen,
  state: Collecte | undefined,
  standing: Standing,
): Choice | ChoiceFault {
  if (!state) return "choice_unknown";
  const { member, now } = standing;
  const expertId = asked === member.id ? undefined : asked;
  if (!mayAct(standing, act, state.documentType, expertId)) return "choice_not_allowed";
  if (state.expiresAt !== undefined && now >= state.expiresAt) return "choice_ended";
  const whose = expertId ?? member.id;
  const line = awaitedOf(state).find((one) => one.act === act && one.memberId === whose);
  if (!line) return "choice_not_awaited";
  const isAsShown = act === "sign" ? wereShown(state, documents) : isSame(documentHeads(state), documents);
  if (!isAsShown) return "choice_changed";
  return { collecteId, act, key: line.key, documents, ...(expertId && { forMemberId: expertId }) };
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((one, i) => one === others[i]);
}

/**
 * Says before a code is sent that no signature could be made: the member's own certificate, and the firm's for seals.
 * Throws `certificate_needed`, `certificate_revoked`, `certificate_expired`, `seal_certificate_needed`.
 */
export async function mustBeCertified(
  { memberCertificates, clock }: Pick<Door, "memberCertificates" | "clock">,
  { memberId, firmId }: { memberId: string; firmId: string },
  choices: readonly Choice[],
): Promise<void> {
  const now = clock.now();
  if (choices.some(({ act }) => act === "sign")) {
    const all = await memberCertificates.of(memberId);
    if (!all.some((one) => statusOf(one, now) === "live")) {
      const last = all.at(-1);
      if (!last) throw new Problem("certificate_needed");
      throw new Problem(now >= last.notAfter ? "certificate_expired" : "certificate_revoked");
    }
  }
  if (!choices.some(({ act }) => act === "seal")) return;
  const seals = await memberCertificates.of(firmId);
  if (!seals.some((one) => statusOf(one, now) === "live")) throw new Problem("seal_certificate_needed");
}
