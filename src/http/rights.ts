import type { By } from "../actors/collecte/state.ts";
import type { Delegation, Instant, Right } from "../actors/runtime/ports.ts";
import type { Door } from "./door.ts";
import { Problem } from "./problem.ts";
import type { FirmCaller } from "./route.ts";

/**
 * By what right the caller does this now, for a document of this type: what the record keeps of who ordered it. An expert
 * has every right in their firm, a collaborator what living delegations give, a program that acts for nobody what is the
 * firm's own: all but to sign, which is a person's. Throws `right_missing`.
 */
export async function rightOf(
  { staff, clock }: Pick<Door, "staff" | "clock">,
  { keyId, scopes, firm, member }: FirmCaller,
  right: Right,
  documentType?: string,
): Promise<By> {
  const key = scopes === undefined ? {} : { keyId };
  if (!member) {
    if (right === "sign") throw rightMissing(right, documentType);
    return key;
  }
  const by = { ...key, memberId: member.id };
  if (member.role === "expert") return by;
  const given = await staff.delegationsTo(firm.id, member.id);
  const now = clock.now();
  const found = given.find((delegation) => gives(delegation, right, documentType, now));
  if (!found) throw rightMissing(right, documentType);
  return { ...by, delegationId: found.id };
}

/** A delegation for some types says nothing of a document without a type. */
function gives(
  { rights, documentTypes, from, until }: Delegation,
  right: Right,
  documentType: string | undefined,
  now: Instant,
): boolean {
  const isForType =
    documentTypes === undefined || (documentType !== undefined && documentTypes.includes(documentType));
  const isInTime = (from === undefined || now >= from) && (until === undefined || now < until);
  return rights.includes(right) && isForType && isInTime;
}

function rightMissing(right: Right, documentType: string | undefined): Problem {
  return new Problem("right_missing", {
    facts: { right, ...(documentType !== undefined && { documentType }) },
  });
}
