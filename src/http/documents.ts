import type { Request, Response } from "express";
import type { StoredDocument } from "../actors/runtime/ports.ts";
import type { Door } from "./door.ts";
import { refusalProblem } from "./failures.ts";
import { idempotencyKey, idOfCreated } from "./idempotency.ts";
import { Problem } from "./problem.ts";
import type { FirmCaller, Route } from "./route.ts";
import { receive } from "./upload.ts";
import { checked, strict } from "./validation.ts";
import { line } from "./words.ts";

const uploadQuery = strict({ name: line(255).optional() });

/** Documents of a firm. */
export function documentRoutes(door: Door): Route[] {
  return [
    {
      method: "post",
      path: "/v1/documents",
      operationId: "addDocument",
      summary: "Add a PDF",
      access: "firm",
      body: "pdf",
      query: uploadQuery,
      answer: { status: 201, description: "{id, sha256, bytes, pages, name?}" },
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
  const key = idempotencyKey(request);
  const { name } = checked(uploadQuery, request.query);
  if (!request.is(["application/pdf", "application/octet-stream"]) || request.get("Content-Encoding")) {
    throw new Problem("unsupported_media_type");
  }
  const id = idOfCreated("doc", caller.firm.id, key === undefined ? undefined : [key], door.clock.now());
  const path = door.blobs.temporaryPath();
  try {
    const { sha256, bytes } = await receive(request, path, door.settings.maxDocumentBytes);
    const known = key === undefined ? undefined : await stored(door, caller, id);
    const document = known ?? {
      id,
      firmId: caller.firm.id,
      ...(name !== undefined && { name }),
      sha256,
      bytes,
      pages: await inspected(door, path),
    };
    if (!known) {
      await door.blobs.adopt(path, sha256);
      await door.documents.add(document);
    }
    // Of two uploads at once under one key, `add` kept the first.
    const kept = known ?? (key === undefined ? document : ((await stored(door, caller, id)) ?? document));
    if (kept.sha256 !== sha256 || kept.name !== name) throw new Problem("idempotency_key_reused");
    response.status(201).json(shown(kept));
  } finally {
    await door.blobs.discard(path);
  }
}

async function inspected(door: Door, path: string): Promise<number> {
  const { maxDocumentBytes: maxBytes, maxDocumentPages: maxPages } = door.settings;
  const inspection = await door.inspector.inspect(path, { maxBytes, maxPages });
  if (inspection.ok) return inspection.pages;
  throw refusalProblem(inspection.code, inspection.code === "pdf_too_many_pages" ? { maxPages } : {});
}

async function stored(door: Door, caller: FirmCaller, id: string): Promise<StoredDocument | undefined> {
  const [document] = await door.documents.find(caller.firm.id, [id]);
  return document;
}

function shown({ id, sha256, bytes, pages, name }: StoredDocument) {
  return { id, sha256, bytes, pages, ...(name !== undefined && { name }) };
}
