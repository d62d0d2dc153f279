import type { Request, Response } from "express";
import { z } from "zod";
import { actsOf } from "../actors/member/state.ts";
import type { Member, NewMember } from "../actors/runtime/ports.ts";
import { memberAnswer, memberList, memberWithStanding } from "./answers/people.ts";
import { demandedVersion, etagOf } from "./conditional.ts";
import { type Delivery, deliverOne } from "./delivery.ts";
import type { Door } from "./door.ts";
import { keyOf, nameCommand } from "./idempotency.ts";
import { memberStanding } from "./member-standing.ts";
import { Problem } from "./problem.ts";
import { type FirmCaller, idIn, type Route } from "./route.ts";
import { byOf, changed, makingOf, shownMember } from "./staff-answers.ts";
import { checked, strict } from "./validation.ts";
import { email, line, phone } from "./words.ts";

const members = "/v1/members";

const rollNumber = z.string().regex(/^[0-9A-Z]{4,20}$/);

const fields = (country: string) => ({
  role: z.enum(["expert", "collaborator"]),
  rollNumber: rollNumber.optional(),
  firstName: line(100),
  lastName: line(100),
  email,
  phone: phone(country),
});
const newMember = (country: string) => strict(fields(country));
const memberChanges = (country: string) => newMember(country).partial();

/** The experts and collaborators of a firm. */
export function memberRoutes(door: Door, delivery: Delivery): Route[] {
  return [
    {
      method: "get",
      path: members,
      operationId: "listMembers",
      summary: "List members, those who left as well",
      access: "firm",
      scope: "members",
      answer: { status: 200, description: "{items}", schema: memberList },
      handle: async (_request, response, { firm }) => {
        response.json({ items: (await door.staff.members(firm.id)).map(shownMember) });
      },
    },
    {
      method: "post",
      path: members,
      operationId: "addMember",
      summary: "Invite a member: whoever signs in with this e-mail is this member from then on",
      access: "firm",
      scope: "members",
      expertsOnly: true,
      body: newMember("FR"),
      answer: { status: 201, description: "The member", schema: memberAnswer, etag: true, location: true },
      handle: async (request, response, { firm }) => {
        const given = fitting(checked(newMember(firm.country), request.body) as NewMember);
        const making = makingOf(door, request, firm.id, "mem");
        const member = changed(await door.staff.addMember(firm.id, making, given));
        response.setHeader("Location", `${members}/${member.id}`);
        answer(response.status(201), member);
      },
    },
    {
      method: "get",
      path: `${members}/{id}`,
      operationId: "readMember",
      summary: "Read a member, whether their codes are locked, and where their certificate stands",
      access: "firm",
      scope: "members",
      answer: { status: 200, description: "The member", schema: memberWithStanding, etag: true },
      handle: async (request, response, { firm }) => {
        const member = await found(door, firm.id, idIn(request));
        const stands = await memberStanding(door, firm.id, member.id);
        response.set("ETag", etagOf(member)).json({ ...shownMember(member), ...stands });
      },
    },
    {
      method: "patch",
      path: `${members}/{id}`,
      operationId: "changeMember",
      summary: "Change a member; another e-mail or phone revokes their certificate",
      access: "firm",
      scope: "members",
      expertsOnly: true,
      body: memberChanges("FR"),
      ifMatch: true,
      answer: { status: 200, description: "The member", schema: memberAnswer, etag: true },
      handle: async (request, response, caller) => {
        const { firm } = caller;
        const before = await found(door, firm.id, idIn(request));
        const changes = checked(memberChanges(firm.country), request.body) as Partial<NewMember>;
        if (changes.role !== undefined) fitting({ ...before, ...changes });
        const by = byOf(caller);
        const after = await door.staff.changeMember(
          firm.id,
          before.id,
          changes,
          by,
          demandedVersion(request),
        );
        answer(response, changed(after));
      },
    },
    {
      method: "delete",
      path: `${members}/{id}`,
      operationId: "removeMember",
      summary: "A member leaves: their sessions, delegations and certificate end",
      access: "firm",
      scope: "members",
      expertsOnly: true,
      ifMatch: true,
      answer: { status: 200, description: "The member, who has left", schema: memberAnswer, etag: true },
      handle: async (request, response, caller) => {
        const id = idIn(request);
        const left = await door.staff.leave(caller.firm.id, id, byOf(caller), demandedVersion(request));
        answer(response, changed(left));
      },
    },
    {
      method: "post",
      path: `${members}/{id}/unlock`,
      operationId: "unlockMember",
      summary: "Let a member try codes again, who was locked after 10 wrong ones in 24 hours",
      access: "firm",
      scope: "members",
      expertsOnly: true,
      prefer: ["wait"],
      answer: {
        status: 200,
        description: "The member",
        schema: memberAnswer,
        etag: true,
        also: { 202: memberAnswer },
      },
      handle: (request, response, caller) => unlock({ door, delivery }, request, response, caller),
    },
    {
      method: "post",
      path: `${members}/{id}/certificate/revocation`,
      operationId: "revokeMemberCertificate",
      summary: "Revoke a member's certificate: it signs nothing more, and they may make another",
      access: "firm",
      scope: "members",
      expertsOnly: true,
      answer: { status: 200, description: "The member as they stand then", schema: memberWithStanding },
      handle: async (request, response, { firm }) => {
        const member = await found(door, firm.id, idIn(request));
        if (!(await door.memberCertificates.revoke(member.id))) throw new Problem("certificate_missing");
        response.json({ ...shownMember(member), ...(await memberStanding(door, firm.id, member.id)) });
      },
    },
  ];
}

async function unlock(
  { door, delivery }: { door: Door; delivery: Delivery },
  request: Request,
  response: Response,
  caller: FirmCaller,
): Promise<void> {
  const member = await found(door, caller.firm.id, idIn(request));
  // Nobody lets themselves try again.
  if (caller.member?.id === member.id) throw new Problem("expert_needed");
  const at = door.clock.now();
  const known = { key: keyOf(request), address: `${request.method} ${request.path}`, body: null };
  const command = { type: "UnlockMember", by: byOf(caller), at };
  const { id } = nameCommand(caller.firm.id, known, at);
  const message = { id, actorId: actsOf(member.id), kind: "member", firmId: caller.firm.id, command };
  const { status } = await deliverOne(delivery, request, response, message);
  answer(response.status(status === "accepted" ? 202 : 200), member);
}

/** Throws `invalid_request` for an expert without a roll number. */
function fitting<T extends Pick<NewMember, "role" | "rollNumber">>(member: T): T {
  const { role, rollNumber: number } = member;
  if (role === "expert" && number === undefined)
    throw new Problem("invalid_request", {
      errors: [
        { field: "rollNumber", code: "required", detail: "An expert's number on the roll of the Order." },
      ],
    });
  return member;
}

async function found(door: Door, firmId: string, id: string): Promise<Member> {
  const member = await door.staff.member(firmId, id);
  if (!member) throw new Problem("not_found");
  return member;
}

function answer(response: Response, member: Member): void {
  response.set("ETag", etagOf(member)).json(shownMember(member));
}
