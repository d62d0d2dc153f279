import type { Request, Response } from "express";
import type { CollecteView, Message } from "../actors/runtime/ports.ts";
import { cursorOf, listQuery, newCollecteSchema } from "./collecte-schema.ts";
import { etagOf, nameOf, shownCollecte, shownHistory } from "./collecte-view.ts";
import { isKnown } from "./conditional.ts";
import { lookUp } from "./create-collecte.ts";
import { commandPath, type Delivery, deliverOne } from "./delivery.ts";
import type { Door } from "./door.ts";
import { idempotencyKey, type Key } from "./idempotency.ts";
import { createdBy, createMessage, launchedBy, launchMessage } from "./orders.ts";
import { preferencesOf } from "./preferences.ts";
import { Problem } from "./problem.ts";
import { type FirmCaller, parameter, type Route } from "./route.ts";
import { sendDocument } from "./send-document.ts";
import { checked } from "./validation.ts";
import { idForm } from "./words.ts";

const collectes = "/v1/collectes";

/** What a command goes by. */
interface Way {
  door: Door;
  delivery: Delivery;
}

/** A firm's collectes. */
export function collecteRoutes(door: Door, delivery: Delivery): Route[] {
  const way = { door, delivery };
  return [
    {
      method: "post",
      path: collectes,
      operationId: "createCollecte",
      summary: "Make a collecte, as a draft",
      access: "firm",
      scope: "collectes",
      body: newCollecteSchema("FR"),
      prefer: ["wait", "return"],
      answer: { status: 201, description: "The collecte" },
      handle: (request, response, caller) => create(way, request, response, caller),
    },
    {
      method: "get",
      path: collectes,
      operationId: "listCollectes",
      summary: "List collectes, newest first",
      access: "firm",
      scope: "collectes",
      query: listQuery,
      answer: { status: 200, description: "{items, nextCursor?}" },
      handle: (request, response, caller) => list(door, request, response, caller),
    },
    {
      method: "get",
      path: `${collectes}/{id}`,
      operationId: "readCollecte",
      summary: "Read a collecte and its record",
      access: "firm",
      scope: "collectes",
      answer: { status: 200, description: "The collecte with its history" },
      handle: (request, response, caller) => read(door, request, response, caller),
    },
    {
      method: "post",
      path: `${collectes}/{id}/launch`,
      operationId: "launchCollecte",
      summary: "Launch a draft: its first signatories are invited",
      access: "firm",
      scope: "collectes",
      prefer: ["wait", "return"],
      answer: { status: 200, description: "The collecte" },
      handle: (request, response, caller) => launch(way, request, response, caller),
    },
    {
      method: "get",
      path: `${collectes}/{id}/documents/{documentId}`,
      operationId: "downloadDocument",
      summary: "Download a document with the signatures that it has so far",
      access: "firm",
      scope: "collectes",
      answer: { status: 200, description: "The PDF", pdf: true },
      handle: (request, response, caller) => download(door, request, response, caller),
    },
  ];
}

async function create({ door, delivery }: Way, request: Request, response: Response, caller: FirmCaller) {
  const key = keyOf(request);
  const body = checked(newCollecteSchema(caller.firm.country), request.body);
  const found = await lookUp(door, caller.firm.id, [body]);
  const known = { key, ...createdBy(request.body) };
  const message = createMessage(caller.firm.id, known, body, found, door.clock.now());
  response.setHeader("Location", `${collectes}/${message.actorId}`);
  await act({ door, delivery }, request, response, message, 201);
}

async function launch({ door, delivery }: Way, request: Request, response: Response, caller: FirmCaller) {
  const id = parameter(request, "id");
  const known = { key: keyOf(request), ...launchedBy(id) };
  // The law knows best whether there is such a draft; what can't be an id needn't ask it.
  if (!idForm.test(id)) throw new Problem("not_found");
  const message = launchMessage(caller.firm.id, known, id, door.clock.now());
  await act({ door, delivery }, request, response, message, 200);
}

function keyOf(request: Request): Key | undefined {
  const key = idempotencyKey(request);
  return key === undefined ? undefined : [key];
}

/** Delivers a firm's command and answers with the collecte as it is then, or as little as the caller prefers. */
async function act(
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
  const view = await found(door, firmId, id);
  response.set("ETag", etagOf(view)).json(shownCollecte(view));
}

async function list(door: Door, request: Request, response: Response, caller: FirmCaller): Promise<void> {
  const { limit, cursor, state } = checked(listQuery, request.query);
  const views = await door.reads.collectes(caller.firm.id, {
    limit: limit + 1,
    ...(cursor && { before: cursor }),
    ...(state && { status: state }),
  });
  const items = views.slice(0, limit);
  const last = items.at(-1);
  response.json({
    items: items.map(shownCollecte),
    ...(last && views.length > limit && { nextCursor: cursorOf(last) }),
  });
}

async function read(door: Door, request: Request, response: Response, caller: FirmCaller): Promise<void> {
  const view = await found(door, caller.firm.id, parameter(request, "id"));
  response.setHeader("ETag", etagOf(view));
  if (isKnown(request, etagOf(view))) {
    response.status(304).end();
    return;
  }
  const history = await door.reads.history(caller.firm.id, view.id);
  response.json({ ...shownCollecte(view), history: shownHistory(history) });
}

async function download(door: Door, request: Request, response: Response, caller: FirmCaller): Promise<void> {
  const { state } = await found(door, caller.firm.id, parameter(request, "id"));
  const document = state.documents.find(({ id }) => id === parameter(request, "documentId"));
  if (!document) throw new Problem("not_found");
  const named = { ...document, ...nameOf(state, document.id) };
  await sendDocument(door, request, response, named, "attachment");
}

async function found(door: Door, firmId: string, id: string): Promise<CollecteView> {
  const view = idForm.test(id) ? await door.reads.collecte(firmId, id) : undefined;
  if (!view) throw new Problem("not_found");
  return view;
}
