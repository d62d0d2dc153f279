import type { Request, Response } from "express";
import { z } from "zod";
import type { MemberCommand, Trace } from "../actors/member/commands.ts";
import { actsOf } from "../actors/member/state.ts";
import { otpLifeMs } from "../actors/otp/numbers.ts";
import { wordFrom } from "../actors/runtime/ids.ts";
import { digestOf } from "../actors/runtime/secrets.ts";
import { actAnswer } from "./answers/acts.ts";
import { certificateAnswer, codeSent, meAnswer } from "./answers/people.ts";
import { type Delivery, deliverOne } from "./delivery.ts";
import type { Door } from "./door.ts";
import { idempotencyKey, nameCommand } from "./idempotency.ts";
import { iso } from "./instants.ts";
import { certificateStanding, memberStanding } from "./member-standing.ts";
import { Problem } from "./problem.ts";
import { promiseSms } from "./promise-sms.ts";
import type { MemberCaller, Route } from "./route.ts";
import { shownDelegation, shownMember } from "./staff-answers.ts";
import { checked, strict } from "./validation.ts";

const codeBody = strict({ codeId: z.string().min(1).max(100), code: z.string().regex(/^[0-9]{6}$/) });

/** One act of a member, and the way of its answer. */
interface Visit {
  door: Door;
  delivery: Delivery;
  request: Request;
  response: Response;
  caller: MemberCaller;
}

/** Whoever is signed in, and their own certificate. */
export function meRoutes(door: Door, delivery: Delivery): Route[] {
  const visit = (request: Request, response: Response, caller: MemberCaller): Visit => ({
    ...{ door, delivery, request, response, caller },
  });
  return [
    {
      method: "get",
      path: "/v1/me",
      operationId: "readMe",
      summary: "Who I am, what I may do, and where my certificate stands",
      access: "member",
      answer: { status: 200, description: "{member, firm, delegations, certificate}", schema: meAnswer },
      handle: (_request, response, caller) => readMe(door, response, caller),
    },
    {
      method: "delete",
      path: "/v1/me/session",
      operationId: "signOut",
      summary: "Sign out: this session is over",
      access: "member",
      answer: { status: 204, description: "It is over" },
      handle: async (_request, response, { keyId, scopes }) => {
        if (scopes === undefined) await door.memberSessions.end(keyId);
        response.status(204).end();
      },
    },
    {
      method: "post",
      path: "/v1/me/certificate/codes",
      operationId: "askForCertificateCode",
      summary: "Have a code sent by SMS, to make my certificate with",
      access: "member",
      prefer: ["wait"],
      answer: { status: 202, description: "{codeId, expiresAt, phoneEnd}", schema: codeSent },
      handle: (request, response, caller) => askForCode(visit(request, response, caller)),
    },
    {
      method: "post",
      path: "/v1/me/certificate",
      operationId: "makeCertificate",
      summary: "Make my certificate with the code; GET /v1/me tells when it is there",
      access: "member",
      body: codeBody,
      prefer: ["wait"],
      answer: { status: 202, description: "{status}", schema: actAnswer("ordered") },
      handle: (request, response, caller) => makeCertificate(visit(request, response, caller)),
    },
    {
      method: "post",
      path: "/v1/me/certificate/revocation",
      operationId: "revokeMyCertificate",
      summary: "Revoke my certificate: it signs nothing more",
      access: "member",
      answer: { status: 200, description: "{certificate}", schema: certificateAnswer },
      handle: async (_request, response, { member }) => {
        if (!(await door.memberCertificates.revoke(member.id))) throw new Problem("certificate_missing");
        response.json({ certificate: await certificateStanding(door, member.id) });
      },
    },
  ];
}

async function readMe(door: Door, response: Response, { firm, member }: MemberCaller): Promise<void> {
  const [given, stands] = await Promise.all([
    door.staff.delegationsTo(firm.id, member.id),
    memberStanding(door, firm.id, member.id),
  ]);
  response.json({
    member: shownMember(member),
    firm: { id: firm.id, name: firm.name },
    delegations: given.map(shownDelegation),
    ...stands,
  });
}

async function askForCode(visit: Visit): Promise<void> {
  const { door, request, response, caller } = visit;
  const { firm, member, keyId: sessionId } = caller;
  await refuseSecond(door, member.id);
  const key = idempotencyKey(request);
  const fresh = door.secrets.newOtp();
  // A repeated request is answered with the code that the first one sent.
  const otp = key === undefined ? fresh : { ...fresh, id: wordFrom(sessionId, key) };
  const at = door.clock.now();
  const live = (await door.reads.memberActs(firm.id, member.id))?.otp;
  if (live?.id !== otp.id) await promiseSms(door, firm.id, member.phone, at);
  await act(visit, (trace) => ({
    type: "AskForCode",
    memberId: member.id,
    firmId: firm.id,
    purpose: "certificate",
    sessionId,
    bound: certificateBond(caller),
    language: request.acceptsLanguages("fr", "en") === "en" ? "en" : "fr",
    otp,
    at,
    personal: { trace },
  }));
  const sent = key === undefined ? undefined : (await door.reads.memberActs(firm.id, member.id))?.otp;
  response.status(202).json({
    codeId: otp.id,
    expiresAt: iso(sent?.id === otp.id ? sent.expiresAt : at + otpLifeMs),
    phoneEnd: member.phone.slice(-2),
  });
}

async function makeCertificate(visit: Visit): Promise<void> {
  const { door, request, response, caller } = visit;
  const { firm, member, keyId: sessionId } = caller;
  const { codeId, code } = checked(codeBody, request.body);
  const otp = (await door.reads.memberActs(firm.id, member.id))?.otp;
  if (otp) await refuseSecond(door, member.id);
  const status = await act(visit, (trace) => ({
    type: "UseCode",
    purpose: "certificate",
    otpId: codeId,
    sessionId,
    bound: certificateBond(caller),
    // Without a code to compare with, the law says which refusal it is.
    mac: otp ? door.secrets.otpMac(otp.salt, code) : "",
    at: door.clock.now(),
    personal: { trace },
  }));
  response.status(202).json({ status: status === "done" ? "ordered" : "accepted" });
}

/** All that the certificate will say of the person, and the phone that confirmed it. */
function certificateBond({ firm, member }: MemberCaller): string[] {
  const { firstName, lastName, email, phone } = member;
  return [digestOf(JSON.stringify([firm.id, firm.name, member.id, firstName, lastName, email, phone]))];
}

async function refuseSecond(door: Door, memberId: string): Promise<void> {
  if ((await certificateStanding(door, memberId)).status === "live") throw new Problem("certificate_exists");
}

/** Delivers an act of the member to the law of their codes. */
async function act(
  { door, delivery, request, response, caller: { firm, member, keyId } }: Visit,
  commandOf: (trace: Trace) => MemberCommand,
): Promise<"done" | "accepted"> {
  const command = commandOf(traceOf(request));
  const key = idempotencyKey(request);
  const known = {
    key: key === undefined ? undefined : ([key] as const),
    address: `${request.method} ${request.path}`,
    // Not the body: a digest of six figures would tell the code.
    body: null,
  };
  const { id } = nameCommand(`${firm.id}:${member.id}:${keyId}`, known, door.clock.now());
  const message = { id, actorId: actsOf(member.id), kind: "member", firmId: firm.id, command };
  return (await deliverOne(delivery, request, response, message)).status;
}

function traceOf(request: Request): Trace {
  const userAgent = request.get("User-Agent")?.slice(0, 300);
  return { ...(request.ip && { ip: request.ip }), ...(userAgent && { userAgent }) };
}
