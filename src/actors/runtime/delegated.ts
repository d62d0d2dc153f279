import type { Delegation, Instant, Right } from "./ports.ts";

export interface RightAsked {
  right: Right;
  documentType?: string | undefined;
  /** In whose place, where it must be this expert's own delegation. */
  expertId?: string | undefined;
}

/** The delegation that gives this right now, of those that a member has. */
export function delegatedBy(
  delegations: readonly Delegation[],
  asked: RightAsked,
  now: Instant,
): Delegation | undefined {
  return delegations.find((one) => {
    const { rights, documentTypes, expertId } = one;
    const isTheirs = asked.expertId === undefined || asked.expertId === expertId;
    return isTheirs && rights.includes(asked.right) && isForType(documentTypes, asked) && isInTime(one, now);
  });
}

/** A delegation for some types says nothing of a document without a type. */
function isForType(documentTypes: string[] | undefined, { documentType }: RightAsked): boolean {
  if (documentTypes === undefined) return true;
  return documentType !== undefined && documentTypes.includes(documentType);
}

export function isInTime({ from, until }: Pick<Delegation, "from" | "until">, now: Instant): boolean {
  return (from === undefined || now >= from) && (until === undefined || now < until);
}
