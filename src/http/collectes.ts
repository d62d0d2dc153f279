import type { Request, Response } from "express";
import type { Command } from "../actors/collecte/commands.ts";
import type { CollecteView } from "../actors/runtime/ports.ts";
import { cursorOf, listQuery, newCollecteSchema } from "./collecte-schema.ts";
import { etagOf, nameOf, shownCollecte, shownHistory } from "./collecte-view.ts";
import { isKnown } from "./conditional.ts";
import { createCommand } from "./create-collecte.ts";
import { deliver } from "./deliver.ts";
import type { Door } from "./door.ts";
import { idempotencyKey, idOfCreated, nameRequest } from "./idempotency.ts";
import { Problem } from "./problem.ts";
import { type FirmCaller, parameter, type Route } from "./route.ts";
import { sendDocument } from "./send-document.ts";
import { checked } from "./validation.ts";

const collectes = "/v1/collectes";

/** A firm's collectes. */
export function collecteRoutes(door: Door): Route[] {
  return [
    {
      method: "post",
      path: collectes,
      operationId: "createCollecte",
      summary: "Make a collecte, as a draft",
      access: "firm",
      body: newCollecteSchema("FR"),
      answer: { status: 201, description: "The collecte" },
      handle: (request, response, caller) => create(door, request, response, caller),
    },
    {
      method: "get",
      path: collectes,
      operationId: "listCollectes",
      summary: "List collectes, newest first",
      access: "firm",
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
      answer: { status: 200, description: "The collecte with its history" },
      handle: (request, response, caller) => read(door, request, response, caller),
    },
    {
      method: "post",
      path: `${collectes}/{id}/launch`,
      operationId: "launchCollecte",
      summary: "Launch a draft: its first signatories are invited",
      access: "firm",
      answer: { status: 200, description: "The collecte" },
      handle: (request, response, caller) => launch(door, request, response, caller),
    },
    {
      method: "get",
      path: `${collectes}/{id}/documents/{documentId}`,
      operationId: "downloadDocument",
      summary: "Download a document with the signatures that it has so far",
      access: "firm",
      answer: { status: 200, description: "The PDF", pdf: true },
      handle: (request, response, caller) => download(door, request, response, caller),
    },
  ];
}

async function create(door: Door, request: Request, response: Response, caller: FirmCaller): Promise<void> {
  const key = idempotencyKey(request);
  const body = checked(newCollecteSchema(caller.firm.country), request.body);
  const now = door.clock.now();
  const id = idOfCreated("col", caller.firm.id, key, now);
  const command = await createCommand(door, caller.firm, body, now);
  response.setHeader("Location", `${collectes}/${id}`);
  await act(door, request, response, caller, { id, key, command, status: 201 });
}

async function launch(door: Door, request: Request, response: Response, caller: FirmCaller): Promise<void> {
  const key = idempotencyKey(request);
  const { id } = await found(door, caller, parameter(request, "id"));
  const command: Command = { type: "LaunchCollecte", at: door.clock.now() };
  await act(door, request, response, caller, { id, key, command, status: 200 });
}

/** Delivers a firm's command and answers with the collecte as it is then. */
async function act(
  door: Door,
  request: Request,
  response: Response,
  caller: FirmCaller,
  order: { id: string; key: string | undefined; command: Command; status: number },
): Promise<void> {
  const { id, key, command, status } = order;
  const firmId = caller.firm.id;
  const { messageId, ...fingerprint } = nameRequest(request, firmId, key, command.at);
  const delivered = await deliver(door, { id: messageId, actorId: id, firmId, command, ...fingerprint });
  if (delivered === "accepted") {
    response.status(202).json({ id, status: "accepted" });
    return;
  }
  const view = await found(door, caller, id);
  response.status(status).set("ETag", etagOf(view)).json(shownCollecte(view));
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
  const view = await found(door, caller, parameter(request, "id"));
  response.setHeader("ETag", etagOf(view));
  if (isKnown(request, etagOf(view))) {
    response.status(304).end();
    return;
  }
  const history = await door.reads.history(caller.firm.id, view.id);
  response.json({ ...shownCollecte(view), history: shownHistory(history) });
}

async function download(door: Door, request: Request, response: Response, caller: FirmCaller): Promise<void> {
  const { state } = await found(door, caller, parameter(request, "id"));
  const document = state.documents.find(({ id }) => id === parameter(request, "documentId"));
  if (!document) throw new Problem("not_found");
  const named = { ...document, ...nameOf(state, document.id) };
  await sendDocument(door, request, response, named, "attachment");
}

async function found(door: Door, caller: FirmCaller, id: string): Promise<CollecteView> {
  const view = await door.reads.collecte(caller.firm.id, id);
  if (!view) throw new Problem("not_found");
  return view;
}
