import type { MemberActs } from "../actors/member/state.ts";
import type { MemberCertificate } from "../actors/runtime/ports.ts";
import type { Door } from "./door.ts";
import { shownCertificate } from "./staff-answers.ts";

type Standing = { status: string } & Partial<ReturnType<typeof shownCertificate>>;

/** The newest certificate, and whether it can be signed with. */
export async function certificateStanding(
  door: Pick<Door, "memberCertificates" | "clock">,
  memberId: string,
): Promise<Standing> {
  const newest = (await door.memberCertificates.of(memberId)).at(-1);
  return newest
    ? { status: statusOf(newest, door.clock.now()), ...shownCertificate(newest) }
    : { status: "none" };
}

/** An order that came to no certificate yet, or never will. */
function withOrder(certificate: Standing, acts: MemberActs | undefined): Standing & { failure?: string } {
  const order = acts?.certificate;
  if (!order || order.issued || certificate.status === "live") return certificate;
  if (order.failed === undefined) return { ...certificate, status: "ordered" };
  return { ...certificate, failure: order.failed };
}

/** Where a member's or a seal's certificate stands. */
export function statusOf(
  { revokedAt, notAfter }: Pick<MemberCertificate, "revokedAt" | "notAfter">,
  now: number,
): "revoked" | "live" | "expired" {
  if (revokedAt !== undefined) return "revoked";
  return now < notAfter ? "live" : "expired";
}

/** Whether codes are refused to them, and where their certificate stands. */
export async function memberStanding(
  door: Pick<Door, "reads" | "memberCertificates" | "clock">,
  firmId: string,
  memberId: string,
) {
  const [acts, certificate] = await Promise.all([
    door.reads.memberActs(firmId, memberId),
    certificateStanding(door, memberId),
  ]);
  return { isLocked: acts?.locked === true, certificate: withOrder(certificate, acts) };
}
