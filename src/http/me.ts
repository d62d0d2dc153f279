import type { Request, Response } from "express";
import { z } from "zod";
import { digestOf } from "../actors/runtime/secrets.ts";
import { actAnswer, consentAnswer } from "./answers/acts.ts";
import { certificateAnswer, meAnswer } from "./answers/people.ts";
import type { Delivery } from "./delivery.ts";
import type { Door } from "./door.ts";
import { askForCode, type MemberVisit, useCode } from "./member-codes.ts";
import { certificateStanding, memberStanding } from "./member-standing.ts";
import { Problem } from "./problem.ts";
import type { MemberCaller, Route } from "./route.ts";
import { shownDelegation, shownMember } from "./staff-answers.ts";
import { checked, strict } from "./validation.ts";

const codeBody = strict({ otpId: z.string().min(1).max(100), code: z.string().regex(/^[0-9]{6}$/) });

/** Whoever is signed in, and their own certificate. */
export function meRoutes(door: Door, delivery: Delivery): Route[] {
  const visit = (request: Request, response: Response, caller: MemberCaller): MemberVisit => ({
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
      answer: { status: 202, description: "{otpId, expiresAt, phoneEnd}", schema: consentAnswer },
      handle: (request, response, caller) => sendCode(visit(request, response, caller)),
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

async function sendCode(visit: MemberVisit): Promise<void> {
  const { door, request, response, caller } = visit;
  await refuseSecond(door, caller.member.id);
  const language = request.acceptsLanguages("fr", "en") === "en" ? "en" : "fr";
  const bound = certificateBond(caller);
  response.status(202).json(await askForCode(visit, { purpose: "certificate", bound, language }));
}

async function makeCertificate(visit: MemberVisit): Promise<void> {
  const { door, request, response, caller } = visit;
  const { firm, member } = caller;
  const typed = checked(codeBody, request.body);
  // Without a code the law says so, whatever certificate there is.
  if ((await door.reads.memberActs(firm.id, member.id))?.otp) await refuseSecond(door, member.id);
  const status = await useCode(visit, { purpose: "certificate", bound: certificateBond(caller) }, typed);
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
