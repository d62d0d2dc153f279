import type { Request, Response } from "express";
import type { Message } from "../actors/runtime/ports.ts";
import { type Act, actedBy, plansIn } from "./act.ts";
import { acts } from "./acts.ts";
import { collecteAnswer } from "./answers/collecte.ts";
import { shownCollecte } from "./collecte-view.ts";
import { demandedVersion, etagOf } from "./conditional.ts";
import { lookUp } from "./create-collecte.ts";
import { commandPath, type Delivery, deliverOne } from "./delivery.ts";
import type { Door } from "./door.ts";
import { keyOf } from "./idempotency.ts";
import { actMessage, orderedBy } from "./orders.ts";
import { preferencesOf } from "./preferences.ts";
import { Problem } from "./problem.ts";
import { rightOf } from "./rights.ts";
import { type FirmCaller, parameter, type Route } from "./route.ts";
import { checked } from "./validation.ts";
import { idForm } from "./words.ts";

/** What a command goes by. */
export interface Way {
  door: Door;
  delivery: Delivery;
}

/** A route for each act on a collecte that exists. */
export function preparerRoutes(way: Way): Route[] {
  return acts.map((one) => ({
    method: one.method,
    path: `/v1/collectes/{id}${one.path}`,
    operationId: one.operationId,
    summary: one.summary,
    access: "firm",
    scope: "collectes",
    ...(one.body && { body: one.body("FR") }),
    prefer: ["wait", "return"],
    ifMatch: true,
    answer: { status: 200, description: "The collecte", schema: collecteAnswer, etag: true },
    handle: (request, response, caller) => order(way, one, request, response, caller),
  }));
}

async function order(way: Way, one: Act, request: Request, response: Response, caller: FirmCaller) {
  const { door } = way;
  const { firm } = caller;
  const ordered = {
    act: one,
    collecteId: parameter(request, "id"),
    aboutId: one.about ? parameter(request, one.about) : "",
    ifVersion: demandedVersion(request),
  };
  const known = { key: keyOf(request), ...orderedBy(ordered, request.body) };
  // The law knows best whether there is such a one; what can't be an id needn't ask it.
  const { collecteId, aboutId } = ordered;
  if (!idForm.test(collecteId) || (one.about && !idForm.test(aboutId))) throw new Problem("not_found");
  const body = one.body ? checked(one.body(firm.country), request.body) : null;
  const judged = await actedBy(
    one,
    body,
    caller,
    (right, type) => rightOf(door, caller, right, type),
    async () => (await door.reads.collecte(firm.id, collecteId))?.state,
  );
  const found = await lookUp(door, firm.id, plansIn(one, body), one.namesMember?.(body) === true);
  const { id: firmId, settings } = firm;
  const asked = { aboutId, body, ...judged, at: door.clock.now(), found, firmId, settings };
  const message = actMessage(firm.id, known, ordered, asked);
  await deliver(way, request, response, message, 200);
}

/** Delivers a firm's command and answers with the collecte as it is then, or as little as the caller prefers. */
export async function deliver(
  { door, delivery }: Way,
  request: Request,
  response: Response,
  message: Message,
  status: number,
): Promise<void> {
  const { actorId: id, firmId } = message;
  const outcome = await deliverOne(delivery, request, response, message);
  if (outcome.status === "accepted") {
    response.setHeader("Location", commandPath(message.id));
    response.status(202).json({ id, status: "accepted", commandId: message.id });
    return;
  }
  response.status(status);
  if (preferencesOf(request).isMinimal) {
    response.append("Preference-Applied", "return=minimal");
    response.set("ETag", etagOf(outcome)).json({ id, version: outcome.version });
    return;
  }
  const view = await door.reads.collecte(firmId, id);
  if (!view) throw new Problem("not_found");
  response.set("ETag", etagOf(view)).json(shownCollecte(view));
}
