import type { Request, Response } from "express";
import type { AskForCode, MemberCommand } from "../actors/member/commands.ts";
import { actsOf } from "../actors/member/state.ts";
import { lifeOfOtp } from "../actors/otp/numbers.ts";
import type { ParapheurCommand } from "../actors/parapheur/commands.ts";
import { wordFrom } from "../actors/runtime/ids.ts";
import type { Message } from "../actors/runtime/ports.ts";
import { traceOf } from "./access.ts";
import { type Delivery, deliverOne } from "./delivery.ts";
import type { Door } from "./door.ts";
import { idempotencyKey, nameCommand } from "./idempotency.ts";
import { iso } from "./instants.ts";
import { promiseSms, strictnessOf } from "./promise-sms.ts";
import type { MemberCaller } from "./route.ts";

/** One request of a member, and the way of its commands. */
export interface MemberVisit {
  door: Door;
  delivery: Delivery;
  request: Request;
  response: Response;
  caller: MemberCaller;
}

/** What a code is asked for: it is good for nothing else. */
export type Asked = Pick<AskForCode, "purpose" | "bound" | "parapheurId" | "language">;

/** A code that is on its way. */
export interface SentCode {
  otpId: string;
  expiresAt: string;
  phoneEnd: string;
}

/** Has a code sent to the member's phone; a repeated request is answered with the code that the first one sent. */
export async function askForCode(visit: MemberVisit, asked: Asked): Promise<SentCode> {
  const { door, request, caller } = visit;
  const { firm, member, keyId: sessionId } = caller;
  const key = idempotencyKey(request);
  const fresh = door.secrets.newOtp();
  const otp = key === undefined ? fresh : { ...fresh, id: wordFrom(sessionId, request.path, key) };
  const at = door.clock.now();
  if ((await liveCode(visit))?.id !== otp.id) await promiseSms(door, firm.id, member.phone, at);
  const of = { memberId: member.id, firmId: firm.id, sessionId };
  const personal = { trace: traceOf(request) };
  const strictness = strictnessOf(firm.settings);
  await deliverToCodes(visit, { type: "AskForCode", ...of, ...asked, otp, ...strictness, at, personal });
  // Only a repeated request can be answered with an older code.
  const sent = key === undefined ? undefined : await liveCode(visit);
  const expiresAt = sent?.id === otp.id ? sent.expiresAt : at + lifeOfOtp(strictness);
  return { otpId: otp.id, expiresAt: iso(expiresAt), phoneEnd: member.phone.slice(-2) };
}

/** Uses a code that was typed; without an id, the one that was sent last. Says whether that was decided. */
export async function useCode(
  visit: MemberVisit,
  { purpose, bound }: Pick<Asked, "purpose" | "bound">,
  { code, otpId }: { code: string; otpId?: string | undefined },
): Promise<"done" | "accepted"> {
  const { door, request, caller } = visit;
  const otp = await liveCode(visit);
  return deliverToCodes(visit, {
    type: "UseCode",
    purpose,
    otpId: otpId ?? otp?.id ?? "",
    sessionId: caller.keyId,
    bound,
    // Without a code to compare with, the law says which refusal it is.
    mac: otp ? door.secrets.otpMac(otp.salt, code) : "",
    at: door.clock.now(),
    personal: { trace: traceOf(request) },
  });
}

async function liveCode({ door, caller: { firm, member } }: MemberVisit) {
  return (await door.reads.memberActs(firm.id, member.id))?.otp;
}

/** Never with the body: a digest of six figures would tell the code. */
function deliverToCodes(visit: MemberVisit, command: MemberCommand): Promise<"done" | "accepted"> {
  return deliverTo(visit, { actorId: actsOf(visit.caller.member.id), kind: "member", body: null }, command);
}

/** Delivers a command of the member. The same request names the same message, one for each kind of actor that it goes to. */
export async function deliverTo(
  { delivery, request, response, caller: { firm, member, keyId } }: MemberVisit,
  { actorId, kind, body }: { actorId: string; kind: "member" | "parapheur"; body: unknown },
  command: MemberCommand | ParapheurCommand,
): Promise<"done" | "accepted"> {
  const key = idempotencyKey(request);
  const known = {
    key: key === undefined ? undefined : ([key, kind] as const),
    address: `${request.method} ${request.path}`,
    body,
  };
  // A code is one session's: the key of another names another message.
  const sender = [firm.id, member.id, ...(kind === "member" ? [keyId] : [])].join(":");
  const message: Message = {
    ...nameCommand(sender, known, command.at),
    actorId,
    kind,
    firmId: firm.id,
    command,
  };
  return (await deliverOne(delivery, request, response, message)).status;
}
