import type { Command } from "../collecte/commands.ts";
import type { Effect } from "../collecte/effects.ts";
import { wasSent } from "../collecte/told.ts";
import { Terminal } from "../runtime/errors.ts";
import type { EffectInHand } from "../runtime/ports.ts";
import type { EffectDeps } from "./deps.ts";
import { codeSms } from "./sealed-code.ts";

type SmsOrder = Extract<Effect, { kind: "sms" }>;

/** Sends a one-time code, unless a newer one has killed it, it was used, or its time is over. */
export function smsEffect(
  deps: Pick<EffectDeps, "sms" | "directory" | "secrets" | "clock">,
): (effect: EffectInHand) => Promise<Command | undefined> {
  return async ({ row, state }) => {
    const order = row.payload as unknown as SmsOrder;
    const otp = state.signatories[order.to]?.otp;
    if (state.status !== "launched" || otp?.id !== order.otpId || deps.clock.now() >= otp.expiresAt)
      return undefined;
    if (wasSent(state, row.id)) return undefined;
    const phone = state.personal.people[order.to]?.phone;
    if (!phone) throw new Terminal("phone_missing");
    const firm = await deps.directory.firm(row.firmId);
    if (!firm) throw new Terminal("firm_missing");
    const { reference } = await deps.sms.send({
      idempotencyKey: row.id,
      firmId: row.firmId,
      about: {
        firmId: row.firmId,
        actorId: row.actorId,
        actorKind: row.actorKind,
        notice: order.notice,
        to: order.to,
      },
      to: phone,
      text: codeSms(deps.secrets, { order, otp, firmName: firm.name, language: state.language }),
    });
    return {
      type: "RecordNotification",
      effectId: row.id,
      channel: "sms",
      notice: order.notice,
      to: order.to,
      status: "sent",
      reference,
      at: deps.clock.now(),
    };
  };
}
