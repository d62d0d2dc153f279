import type { Request, Response } from "express";
import { collecteAnswer, collectePage, collecteWithHistory } from "./answers/collecte.ts";
import { cursorOf, listed, listQuery } from "./collecte-filter.ts";
import { newCollecteSchema } from "./collecte-schema.ts";
import { nameOf, shownCollecte } from "./collecte-view.ts";
import { answeredKnown, etagOf } from "./conditional.ts";
import { lookUp } from "./create-collecte.ts";
import type { Delivery } from "./delivery.ts";
import type { Door } from "./door.ts";
import { foundCollecte } from "./found-collecte.ts";
import { shownHistory } from "./history-view.ts";
import { keyOf } from "./idempotency.ts";
import { createdBy, createMessage } from "./orders.ts";
import { deliver, preparerRoutes, type Way } from "./preparer.ts";
import { Problem } from "./problem.ts";
import { rightOf } from "./rights.ts";
import { type FirmCaller, parameter, type Route } from "./route.ts";
import { mustBeKept, sendDocument } from "./send-document.ts";
import { sendZip } from "./send-zip.ts";
import { checked } from "./validation.ts";

const collectes = "/v1/collectes";

/** A firm's collectes. */
export function collecteRoutes(door: Door, delivery: Delivery): Route[] {
  const way = { door, delivery };
  return [
    ...preparerRoutes(way),
    {
      method: "post",
      path: collectes,
      operationId: "createCollecte",
      summary: "Make a collecte, as a draft",
      access: "firm",
      scope: "collectes",
      body: newCollecteSchema("FR"),
      prefer: ["wait", "return"],
      answer: {
        status: 201,
        description: "The collecte",
        schema: collecteAnswer,
        etag: true,
        location: true,
      },
      handle: (request, response, caller) => create(way, request, response, caller),
    },
    {
      method: "get",
      path: collectes,
      operationId: "listCollectes",
      summary:
        "List collectes, newest first; a page may be shorter than its limit, so go on while there is a nextCursor",
      access: "firm",
      scope: "collectes",
      query: listQuery,
      answer: { status: 200, description: "{items, nextCursor?}", schema: collectePage },
      handle: (request, response, caller) => list(door, request, response, caller),
    },
    {
      method: "get",
      path: `${collectes}/{id}`,
      operationId: "readCollecte",
      summary: "Read a collecte and its record",
      access: "firm",
      scope: "collectes",
      answer: {
        status: 200,
        description: "The collecte with its history",
        schema: collecteWithHistory,
        etag: "kept",
      },
      handle: (request, response, caller) => read(door, request, response, caller),
    },
    {
      method: "get",
      path: `${collectes}/{id}/documents/{documentId}`,
      operationId: "downloadDocument",
      summary: "Download a document with the signatures that it has so far",
      access: "firm",
      scope: "collectes",
      answer: { status: 200, description: "The PDF", file: "application/pdf", etag: "kept", ranges: true },
      handle: (request, response, caller) => download(door, request, response, caller),
    },
    {
      method: "get",
      path: `${collectes}/{id}/documents.zip`,
      operationId: "downloadZip",
      summary: "Download all documents as one ZIP, with the signatures that they have so far",
      access: "firm",
      scope: "collectes",
      answer: { status: 200, description: "The ZIP", file: "application/zip" },
      handle: (request, response, caller) => downloadZip(door, request, response, caller),
    },
  ];
}

async function create({ door, delivery }: Way, request: Request, response: Response, caller: FirmCaller) {
  const { firm } = caller;
  const key = keyOf(request);
  const body = checked(newCollecteSchema(firm.country), request.body);
  const by = await rightOf(door, caller, "prepare", body.documentType);
  const found = await lookUp(door, firm.id, [body]);
  const known = { key, ...createdBy(request.body) };
  const { id: firmId, settings } = firm;
  const message = createMessage({ firmId, settings, by, at: door.clock.now() }, known, body, found);
  response.setHeader("Location", `${collectes}/${message.actorId}`);
  await deliver({ door, delivery }, request, response, message, 201);
}

async function list(door: Door, request: Request, response: Response, caller: FirmCaller): Promise<void> {
  const { views, next } = await listed(door.reads, caller.firm.id, checked(listQuery, request.query));
  response.json({ items: views.map(shownCollecte), ...(next && { nextCursor: cursorOf(next) }) });
}

async function read(door: Door, request: Request, response: Response, caller: FirmCaller): Promise<void> {
  const view = await foundCollecte(door, caller.firm.id, request);
  if (answeredKnown(request, response, etagOf(view))) return;
  const history = await door.reads.history(caller.firm.id, view.id);
  response.json({ ...shownCollecte(view), history: shownHistory(history) });
}

async function download(door: Door, request: Request, response: Response, caller: FirmCaller): Promise<void> {
  const { state } = await foundCollecte(door, caller.firm.id, request);
  const document = state.documents.find(({ id }) => id === parameter(request, "documentId"));
  if (!document) throw new Problem("not_found");
  mustBeKept(state);
  const named = { ...document, ...nameOf(state, document.id) };
  await sendDocument(door, request, response, named, "attachment");
}

async function downloadZip(door: Door, request: Request, response: Response, caller: FirmCaller) {
  const view = await foundCollecte(door, caller.firm.id, request);
  mustBeKept(view.state);
  await sendZip(door, request, response, view);
}
