import { awaitedOfMembers, type Collecte, type Instant } from "./state.ts";

/** One line of a member's parapheur. */
export interface AwaitedAct {
  memberId: string;
  act: "sign" | "seal";
  /** The signatory's id, or the seal's key. */
  key: string;
  /** The deadline. */
  dueAt: Instant;
  documentType?: string;
}

/** What parapheurs show of a collecte in this state. */
export function awaitedOf(state: Collecte): AwaitedAct[] {
  const { expiresAt: dueAt, documentType } = state;
  if (dueAt === undefined) return [];
  const type = documentType === undefined ? {} : { documentType };
  return awaitedOfMembers(state).map((awaited) =>
    "seal" in awaited
      ? { memberId: awaited.memberId, act: "seal", key: String(awaited.seal), dueAt, ...type }
      : { memberId: awaited.memberId, act: "sign", key: awaited.signatoryId, dueAt, ...type },
  );
}
