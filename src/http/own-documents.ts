import type { Request, Response } from "express";
import { recordAccess } from "./access.ts";
import { nameOf } from "./collecte-view.ts";
import type { Door } from "./door.ts";
import { Problem } from "./problem.ts";
import { parameter, type Reader } from "./route.ts";
import { sendDocument } from "./send-document.ts";
import { sendZip } from "./send-zip.ts";

/*
 * The documents of a collecte, for who came by a link.
 */

/** A document, for reading before the signature or for keeping after the last. */
export async function readDocument(
  door: Door,
  request: Request,
  response: Response,
  reader: Reader,
): Promise<void> {
  const { session, view } = reader;
  if (!isServed(reader)) throw new Problem("link_dead");
  const document = view.state.documents.find(({ id }) => id === parameter(request, "id"));
  if (!document) throw new Problem("not_found");
  const named = { ...document, ...nameOf(view.state, document.id) };
  const isSigning = session.purpose === "sign";
  const begun = () => recordAccess(door, reader, request, isSigning ? "read" : "downloaded", [document.id]);
  await sendDocument(door, request, response, named, isSigning ? "inline" : "attachment", begun);
}

/** All finished documents. */
export async function downloadAll(
  door: Door,
  request: Request,
  response: Response,
  reader: Reader,
): Promise<void> {
  const { session, view } = reader;
  if (session.purpose !== "download" || !isServed(reader)) throw new Problem("link_dead");
  const ids = view.state.documents.map(({ id }) => id);
  await sendZip(door, request, response, view, () => recordAccess(door, reader, request, "downloaded", ids));
}

/** Documents are shown to those who sign while they may, and handed to everybody once all have signed. */
function isServed({ session, view: { state } }: Reader): boolean {
  if (session.purpose === "sign") return state.status === "launched";
  return state.status === "completed" && state.purgingAt === undefined;
}
