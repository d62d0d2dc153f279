import { delegatedBy, isInTime } from "../actors/runtime/delegated.ts";
import type { Among, Delegation, Instant, Member, Right } from "../actors/runtime/ports.ts";
import type { Door } from "./door.ts";
import { Problem } from "./problem.ts";
import type { MemberCaller } from "./route.ts";

/** What a member may do in their parapheur, by the delegations that they have. */
export interface Standing {
  member: Member;
  delegations: Delegation[];
  now: Instant;
}

export async function standingOf(
  { staff, clock }: Pick<Door, "staff" | "clock">,
  { firm, member }: MemberCaller,
): Promise<Standing> {
  return { member, delegations: await staff.delegationsTo(firm.id, member.id), now: clock.now() };
}

/** Whether the member may do this act for themselves, or in the place of that expert. */
export function mayAct(
  { member, delegations, now }: Standing,
  act: "sign" | "seal",
  documentType: string | undefined,
  expertId: string | undefined,
): boolean {
  if (expertId === undefined && (act === "sign" || member.role === "expert")) return true;
  return delegatedBy(delegations, { right: act, documentType, expertId }, now) !== undefined;
}

/** All types for themselves; for an expert, what that one lets them sign or seal. Throws `right_missing`. */
export function amongOf({ delegations, now }: Standing, expertId: string | undefined): Among {
  if (expertId === undefined) return { sign: "all", seal: "all" };
  const theirs = delegations.filter((one) => one.expertId === expertId && isInTime(one, now));
  const among = { sign: typesOf(theirs, "sign"), seal: typesOf(theirs, "seal") };
  if (among.sign.length === 0 && among.seal.length === 0)
    throw new Problem("right_missing", { facts: { right: "sign" } });
  return among;
}

function typesOf(delegations: Delegation[], right: Right): "all" | string[] {
  const giving = delegations.filter(({ rights }) => rights.includes(right));
  if (giving.some(({ documentTypes }) => documentTypes === undefined)) return "all";
  return giving.flatMap(({ documentTypes = [] }) => documentTypes);
}
