import type { MemberCommand } from "../member/commands.ts";
import type { MemberEffect } from "../member/effects.ts";
import type { MemberActs } from "../member/state.ts";
import type { SignSession } from "../parapheur/commands.ts";
import { Terminal } from "../runtime/errors.ts";
import type { Directory, EffectInHand, Instant, Mailbox, MemberCertificates } from "../runtime/ports.ts";
import type { Acting } from "./by-actor.ts";
import type { EffectDeps } from "./deps.ts";
import { handOver } from "./hand-over.ts";
import { codeSms } from "./sealed-code.ts";

type Deps = Pick<EffectDeps, "sms" | "secrets" | "clock"> & {
  mailbox: Mailbox;
  directory: Pick<Directory, "firm" | "member">;
  certificates: Pick<MemberCertificates, "issue">;
};
type InHand = EffectInHand<MemberActs>;
type Order<K extends MemberEffect["kind"]> = Extract<MemberEffect, { kind: K }>;

/** What a member orders of the outside world: codes by SMS, and certificates. */
export function memberActing(deps: Deps): Acting {
  return {
    handlers: {
      sms: (effect) => sendCode(deps, effect),
      certify: (effect) => certify(deps, effect),
      parapheur: (effect) => release(deps, effect),
    },
    failureCommand,
  };
}

/** Unless a newer code has killed it, it was used, or its time is over. */
async function sendCode(deps: Deps, { row, state }: InHand): Promise<MemberCommand | undefined> {
  const order = row.payload as unknown as Order<"sms">;
  const { otp } = state;
  if (otp?.id !== order.otpId || deps.clock.now() >= otp.expiresAt) return undefined;
  if (state.notifications[row.id]?.status === "sent") return undefined;
  const [firm, member] = await Promise.all([
    deps.directory.firm(row.firmId),
    deps.directory.member(row.firmId, order.to),
  ]);
  if (!firm) throw new Terminal("firm_missing");
  if (!member || member.leftAt !== undefined) throw new Terminal("member_missing");
  const { reference } = await deps.sms.send({
    idempotencyKey: row.id,
    firmId: row.firmId,
    to: member.phone,
    text: codeSms(deps.secrets, { order, otp, firmName: firm.name, language: order.language }),
  });
  return {
    type: "RecordMemberNotification",
    effectId: row.id,
    status: "sent",
    reference,
    at: deps.clock.now(),
  };
}

async function certify({ certificates, clock }: Deps, { row, state }: InHand): Promise<MemberCommand> {
  const { codeId, orderedAt } = row.payload as unknown as Order<"certify">;
  const issued = await certificates.issue(row.firmId, state.memberId, orderedAt);
  return { type: "RecordCertificate", codeId, issued, at: clock.now() };
}

/** What to record of an effect that will never succeed. */
function failureCommand({ row }: InHand, code: string, at: Instant): MemberCommand {
  const effect = row.payload as unknown as MemberEffect;
  if (effect.kind === "certify") return { type: "RecordCertificateFailure", codeId: effect.codeId, code, at };
  // Of a session that was not released the session itself tells: it was never signed.
  return { type: "RecordMemberNotification", effectId: row.id, status: "failed", reference: code, at };
}

/** Tells the session of the parapheur that its code was right; told twice, it is told once. */
async function release({ mailbox, clock }: Deps, { row }: InHand): Promise<undefined> {
  const { parapheurId, otpId, digest } = row.payload as unknown as Order<"parapheur">;
  const command: SignSession = { type: "SignSession", digest, otpId, at: clock.now() };
  const { firmId, id } = row;
  await handOver(mailbox, { id, actorId: parapheurId, kind: "parapheur", firmId, command });
}
