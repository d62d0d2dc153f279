import type { Request, Response } from "express";
import { deliverList } from "./command-list.ts";
import { describedList, describedOutcome, describedResults } from "./command-schema.ts";
import { type Delivery, patienceOf, tellApplied } from "./delivery.ts";
import type { Door } from "./door.ts";
import { refusalProblem } from "./failures.ts";
import { preferencesOf } from "./preferences.ts";
import { Problem, problemBody } from "./problem.ts";
import { type FirmCaller, parameter, type Route } from "./route.ts";
import { idForm } from "./words.ts";

/** Commands as such: many in one request, and what became of one. */
export function commandRoutes(door: Door, delivery: Delivery): Route[] {
  return [
    {
      method: "post",
      path: "/v1/commands",
      operationId: "sendCommands",
      summary: "Send up to 100 commands, each decided on its own; those about one collecte in their order",
      access: "firm",
      scope: "collectes",
      body: describedList,
      maxJsonBytes: 1024 * 1024,
      prefer: ["wait"],
      answer: {
        status: 200,
        description: "What became of each, in their order; fields of a problem are seen from its own command",
        schema: describedResults,
      },
      handle: (request, response, caller) => deliverList({ door, delivery }, request, response, caller),
    },
    {
      method: "get",
      path: "/v1/commands/{id}",
      operationId: "readCommand",
      summary: "What became of a command",
      access: "firm",
      scope: "collectes",
      prefer: ["wait"],
      answer: { status: 200, description: "Its outcome, or that it waits", schema: describedOutcome },
      handle: (request, response, caller) => readOutcome(delivery, request, response, caller),
    },
  ];
}

async function readOutcome(
  delivery: Delivery,
  request: Request,
  response: Response,
  { firm }: FirmCaller,
): Promise<void> {
  const id = parameter(request, "id");
  const preferences = preferencesOf(request);
  // Who only looks doesn't wait, unless asked for.
  const patience = patienceOf({ waitSeconds: 0, ...preferences }, response);
  if (!idForm.test(id)) throw new Problem("not_found");
  const { outcome, actorId: collecteId, isPatient } = await delivery.outcomeOf(firm.id, id, patience);
  if (!outcome) throw new Problem("not_found");
  tellApplied(response, preferences, isPatient);
  const { status } = outcome;
  switch (status) {
    case "done":
      response.json({ id, status, collecteId, version: outcome.version });
      break;
    case "refused": {
      const problem = problemBody(refusalProblem(outcome.code, outcome.facts));
      response.json({ id, status, collecteId, problem });
      break;
    }
    case "accepted":
      response.json({ id, status, collecteId });
  }
}
