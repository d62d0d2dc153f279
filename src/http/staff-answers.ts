import type { Request } from "express";
import type { By } from "../actors/collecte/state.ts";
import { canonicalJson } from "../actors/runtime/canonical-json.ts";
import type { Changed, Delegation, Making, Member, MemberCertificate } from "../actors/runtime/ports.ts";
import { digestOf } from "../actors/runtime/secrets.ts";
import type { Door } from "./door.ts";
import { idOfCreated, keyOf } from "./idempotency.ts";
import { iso } from "./instants.ts";
import { Problem } from "./problem.ts";
import type { ProblemCode } from "./problems.ts";
import type { FirmCaller } from "./route.ts";

/** Who changes something that needs no delegation. */
export function byOf({ keyId, scopes, member }: FirmCaller): By {
  return { ...(scopes && { keyId }), ...(member && { memberId: member.id }) };
}

/** Throws the refusal as a problem. */
export function changed<T>(answer: Changed<T, ProblemCode>): T {
  if (!answer.ok) throw new Problem(answer.code);
  return answer.value;
}

/** What a request makes: the same for the same Idempotency-Key. */
export function makingOf(door: Door, request: Request, firmId: string, prefix: string): Making {
  const key = keyOf(request);
  const id = idOfCreated(prefix, firmId, key, door.clock.now());
  return key === undefined ? { id } : { id, fingerprint: digestOf(canonicalJson(request.body ?? null)) };
}

export function shownMember({ firmId: _, leftAt, ...member }: Member) {
  return { ...member, ...(leftAt !== undefined && { leftAt: iso(leftAt) }) };
}

export function shownDelegation({ firmId: _, from, until, givenAt, revokedAt, ...delegation }: Delegation) {
  return {
    ...delegation,
    ...(from !== undefined && { from: iso(from) }),
    ...(until !== undefined && { until: iso(until) }),
    givenAt: iso(givenAt),
    ...(revokedAt !== undefined && { revokedAt: iso(revokedAt) }),
  };
}

export function shownCertificate({ serialHex, sha256, notBefore, notAfter, revokedAt }: MemberCertificate) {
  return {
    serial: serialHex,
    sha256,
    notBefore: iso(notBefore),
    notAfter: iso(notAfter),
    ...(revokedAt !== undefined && { revokedAt: iso(revokedAt) }),
  };
}
