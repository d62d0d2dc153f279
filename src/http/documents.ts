import type { Request, Response } from "express";
import { z } from "zod";
import { Retryable } from "../actors/runtime/errors.ts";
import type { Inspection, StoredDocument } from "../actors/runtime/ports.ts";
import { uploadAnswer } from "./answers/collecte.ts";
import type { Door } from "./door.ts";
import { refusalProblem } from "./failures.ts";
import { idOfCreated, keyOf } from "./idempotency.ts";
import { Problem } from "./problem.ts";
import type { FirmCaller, Route } from "./route.ts";
import { receive } from "./upload.ts";
import { checked, strict } from "./validation.ts";
import { line } from "./words.ts";

const uploadQuery = strict({ name: line(255).optional(), neutralise: z.enum(["true", "false"]).optional() });

/** Documents of a firm. */
export function documentRoutes(door: Door): Route[] {
  return [
    {
      method: "post",
      path: "/v1/documents",
      operationId: "addDocument",
      summary: "Add a PDF",
      access: "firm",
      scope: "collectes",
      body: "pdf",
      query: uploadQuery,
      answer: {
        status: 201,
        description: "{id, sha256, bytes, pages, name?, repairedFrom?, neutralised?}",
        schema: uploadAnswer,
      },
      handle: (request, response, caller) => addDocument(door, request, response, caller),
    },
  ];
}

async function addDocument(
  door: Door,
  request: Request,
  response: Response,
  caller: FirmCaller,
): Promise<void> {
  response.status(201).json(shown(await taken(door, request, caller)));
}

/** The document that is kept of an upload; what was written on the way is gone before anything is answered. */
async function taken(door: Door, request: Request, caller: FirmCaller): Promise<StoredDocument> {
  const key = keyOf(request);
  const { name, ...query } = checked(uploadQuery, request.query);
  const neutralise = query.neutralise === "true";
  if (!request.is(["application/pdf", "application/octet-stream"]) || request.get("Content-Encoding")) {
    throw new Problem("unsupported_media_type");
  }
  const id = idOfCreated("doc", caller.firm.id, key, door.clock.now());
  const path = door.blobs.temporaryPath();
  const rewrittenPath = door.blobs.temporaryPath();
  try {
    const upload = await receive(request, path, door.settings.maxDocumentBytes);
    const known = key === undefined ? undefined : await keptBefore(door, caller, id);
    let document = known;
    if (document === undefined) {
      const inspected = await inspect(door, caller, path, { to: rewrittenPath, neutralise });
      document = {
        id,
        firmId: caller.firm.id,
        ...(name !== undefined && { name }),
        ...upload,
        pages: inspected.pages,
        // What is shown, accepted and signed are the bytes that were written anew, and only those are kept.
        ...(inspected.rewritten && { ...inspected.rewritten, repairedFrom: upload.sha256 }),
        ...(neutralise && { neutralised: true }),
      };
      await door.blobs.adopt(inspected.rewritten ? rewrittenPath : path, document.sha256);
      await door.documents.add(document);
      // The same bytes may have been purged between these two: now that they have a name they stay, if they are there.
      if (!(await door.blobs.has(document.sha256))) throw new Retryable("document_leaving");
    }
    // Of two uploads at once under one key, `add` kept the first.
    const kept = known ?? (key === undefined ? document : ((await stored(door, caller, id)) ?? document));
    const isSame = (kept.repairedFrom ?? kept.sha256) === upload.sha256 && kept.name === name;
    if (!isSame || (kept.neutralised ?? false) !== neutralise) throw new Problem("idempotency_key_reused");
    return kept;
  } finally {
    await Promise.all([path, rewrittenPath].map((one) => door.blobs.discard(one)));
  }
}

async function inspect(
  door: Door,
  { firm }: FirmCaller,
  path: string,
  rewrite: { to: string; neutralise: boolean },
): Promise<Inspection & { ok: true }> {
  const { maxDocumentBytes: maxBytes, maxDocumentPages: maxPages } = door.settings;
  const limits = { maxBytes, maxPages, allowEmbeddedFiles: firm.allowsEmbeddedFiles === true };
  const inspection = await door.inspector.inspect(path, limits, rewrite);
  if (inspection.ok) return inspection;
  throw refusalProblem(inspection.code, inspection.code === "pdf_too_many_pages" ? { maxPages } : {});
}

/** A repeated upload is taken anew if the first one was cut short before it was sure to be kept. */
async function keptBefore(door: Door, caller: FirmCaller, id: string): Promise<StoredDocument | undefined> {
  const document = await stored(door, caller, id);
  return document && (await door.blobs.has(document.sha256)) ? document : undefined;
}

async function stored(door: Door, caller: FirmCaller, id: string): Promise<StoredDocument | undefined> {
  const [document] = await door.documents.find(caller.firm.id, [id]);
  return document;
}

function shown({ id, sha256, bytes, pages, name, repairedFrom, neutralised }: StoredDocument) {
  return {
    id,
    sha256,
    bytes,
    pages,
    ...(name !== undefined && { name }),
    ...(repairedFrom !== undefined && { repairedFrom }),
    ...(neutralised && { neutralised }),
  };
}
