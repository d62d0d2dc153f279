import { awaitedNow, type Collecte, type Instant, sealKey } from "./state.ts";

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

/** Acts of members that are awaited now: what their parapheurs show. */
export function awaitedOf(state: Collecte): AwaitedAct[] {
  const { expiresAt: dueAt, documentType, currentStep } = state;
  const step = state.steps[currentStep];
  if (dueAt === undefined || !step) return [];
  const about = { dueAt, ...(documentType !== undefined && { documentType }) };
  return awaitedNow(state).flatMap((id): AwaitedAct[] => {
    const isSeal = "seal" in step;
    const memberId = isSeal ? step.approver?.memberId : state.signatories[id]?.memberId;
    if (memberId === undefined) return [];
    const act = isSeal ? "seal" : "sign";
    return [{ memberId, act, key: isSeal ? String(sealKey(step, currentStep)) : id, ...about }];
  });
}
