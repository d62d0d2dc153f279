import type { By } from "../actors/collecte/state.ts";
import { delegatedBy } from "../actors/runtime/delegated.ts";
import type { Clock, Delegation, Right, Staff } from "../actors/runtime/ports.ts";
import { Problem } from "./problem.ts";
import type { FirmCaller } from "./route.ts";

interface Judging {
  staff: Pick<Staff, "delegationsTo">;
  clock: Clock;
}

/** For many questions about one caller: what they were given is read at the first that needs it, and not again. */
export function readingOnce({ staff, clock }: Judging): Judging {
  let given: Promise<Delegation[]> | undefined;
  return {
    clock,
    staff: {
      delegationsTo(firmId, memberId) {
        given ??= staff.delegationsTo(firmId, memberId);
        return given;
      },
    },
  };
}

/**
 * By what right the caller does this now, for a document of this type: what the record keeps of who ordered it. An expert
 * has every right in their firm, a collaborator what living delegations give, a program that acts for nobody what is the
 * firm's own: all but to sign, which is a person's. Throws `right_missing`.
 */
export async function rightOf(
  { staff, clock }: Judging,
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
  const found = delegatedBy(given, { right, documentType }, clock.now());
  if (!found) throw rightMissing(right, documentType);
  return { ...by, delegationId: found.id };
}

function rightMissing(right: Right, documentType: string | undefined): Problem {
  return new Problem("right_missing", {
    facts: { right, ...(documentType !== undefined && { documentType }) },
  });
}
