import type { Request, Response } from "express";
import { z } from "zod";
import type { NewDelegation } from "../actors/runtime/ports.ts";
import { delegationAnswer, delegationList } from "./answers/people.ts";
import type { Door } from "./door.ts";
import { Problem } from "./problem.ts";
import { type FirmCaller, idIn, type Route } from "./route.ts";
import { byOf, changed, makingOf, shownDelegation } from "./staff-answers.ts";
import { checked, fault, strict } from "./validation.ts";
import { id, instant, line } from "./words.ts";

const delegations = "/v1/delegations";
const mostTypes = 100;

const newDelegation = strict({
  /** Of a program that acts for nobody; a member gives their own rights only. */
  expertId: id.optional(),
  memberId: id,
  rights: z
    .array(z.enum(["prepare", "launch", "sign", "seal"]))
    .min(1)
    .max(4)
    .transform((rights) => [...new Set(rights)]),
  documentTypes: z.array(line(100)).min(1).max(mostTypes).optional(),
  from: instant.optional(),
  until: instant.optional(),
}).superRefine(({ from, until }, context) => {
  if (from !== undefined && until !== undefined && until <= from) fault(context, "wrong_value", ["until"]);
});

/** What experts let collaborators do. */
export function delegationRoutes(door: Door): Route[] {
  return [
    {
      method: "get",
      path: delegations,
      operationId: "listDelegations",
      summary: "List delegations, newest first, those that ended as well; a collaborator sees their own",
      access: "firm",
      scope: "members",
      answer: { status: 200, description: "{items}", schema: delegationList },
      handle: async (_request, response, { firm, member }) => {
        const all = await door.staff.delegations(firm.id);
        const seen = member?.role === "collaborator" ? all.filter((one) => one.memberId === member.id) : all;
        response.json({ items: seen.map(shownDelegation) });
      },
    },
    {
      method: "post",
      path: delegations,
      operationId: "delegate",
      summary: "Let a collaborator do something, for all or some document types, always or between dates",
      access: "firm",
      scope: "members",
      expertsOnly: true,
      body: newDelegation,
      answer: { status: 201, description: "The delegation", schema: delegationAnswer, location: true },
      handle: (request, response, caller) => delegate(door, request, response, caller),
    },
    {
      method: "get",
      path: `${delegations}/{id}`,
      operationId: "readDelegation",
      summary: "Read a delegation",
      access: "firm",
      scope: "members",
      answer: { status: 200, description: "The delegation", schema: delegationAnswer },
      handle: async (request, response, { firm, member }) => {
        const one = await door.staff.delegation(firm.id, idIn(request));
        const isHidden = member?.role === "collaborator" && one?.memberId !== member.id;
        if (!one || isHidden) throw new Problem("not_found");
        response.json(shownDelegation(one));
      },
    },
    {
      method: "delete",
      path: `${delegations}/{id}`,
      operationId: "revokeDelegation",
      summary: "Revoke a delegation from now on; it stays in the list",
      access: "firm",
      scope: "members",
      expertsOnly: true,
      answer: { status: 200, description: "The delegation, which has ended", schema: delegationAnswer },
      handle: async (request, response, caller) => {
        const { firm, member } = caller;
        const one = await door.staff.delegation(firm.id, idIn(request));
        if (!one) throw new Problem("not_found");
        if (member && one.expertId !== member.id) throw new Problem("delegation_of_another");
        const ended = await door.staff.revokeDelegation(firm.id, one.id, byOf(caller));
        response.json(shownDelegation(changed(ended)));
      },
    },
  ];
}

async function delegate(door: Door, request: Request, response: Response, caller: FirmCaller): Promise<void> {
  const { firm, member } = caller;
  const { expertId = member?.id, ...given } = checked(newDelegation, request.body);
  if (expertId === undefined)
    throw new Problem("invalid_request", {
      errors: [{ field: "expertId", code: "required", detail: "The expert whose rights are given." }],
    });
  if (member && expertId !== member.id) throw new Problem("delegation_of_another");
  const making = makingOf(door, request, firm.id, "del");
  const delegation = { ...given, expertId, givenBy: byOf(caller) } as NewDelegation;
  const made = changed(await door.staff.delegate(firm.id, making, delegation));
  response.setHeader("Location", `${delegations}/${made.id}`);
  response.status(201).json(shownDelegation(made));
}
