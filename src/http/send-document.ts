import { pipeline } from "node:stream/promises";
import type { Request, Response } from "express";
import type { Collecte, CollecteDocument } from "../actors/collecte/state.ts";
import { codeOf } from "../actors/runtime/errors.ts";
import { isKnown } from "./conditional.ts";
import type { Door } from "./door.ts";
import { dispositionOf, safeFileName } from "./file-names.ts";
import { Problem } from "./problem.ts";

/** Nothing of the documents is served from the moment on that their removal has begun. */
export function mustBeKept({ purgingAt }: Pick<Collecte, "purgingAt">): void {
  if (purgingAt !== undefined) throw new Problem("documents_purged");
}

/**
 * Answers with a document's bytes at its head: whole, one range of them, or 304. `begun` is called once they are at hand,
 * unless only their headers are asked for.
 */
export async function sendDocument(
  door: Door,
  request: Request,
  response: Response,
  document: CollecteDocument & { name?: string },
  disposition: "attachment" | "inline",
  begun: () => void = () => {},
): Promise<void> {
  response.setHeader("Content-Type", "application/pdf");
  response.setHeader(
    "Content-Disposition",
    dispositionOf(disposition, safeFileName(document.name ?? document.id, ".pdf")),
  );
  response.setHeader("ETag", `"${document.head}"`);
  response.setHeader("Accept-Ranges", "bytes");
  if (isKnown(request, `"${document.head}"`)) {
    if (request.method !== "HEAD") begun();
    response.status(304).end();
    return;
  }
  const { start, end } = rangeOf(request, response, document);
  response.setHeader("Content-Length", end - start + 1);
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  const { stream } = await door.blobs.open(document.head);
  begun();
  try {
    await pipeline(stream, slice(start, end), response);
  } catch (error) {
    // A reader who closes the window is no failure of ours.
    if (codeOf(error) !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  }
}

function rangeOf(request: Request, response: Response, document: CollecteDocument) {
  const whole = { start: 0, end: document.bytes - 1 };
  const condition = request.get("If-Range");
  if (condition !== undefined && condition !== `"${document.head}"`) return whole;
  const ranges = request.range(document.bytes, { combine: true });
  if (ranges === -1) {
    throw new Problem("range_not_satisfiable", { headers: { "Content-Range": `bytes */${document.bytes}` } });
  }
  const range =
    Array.isArray(ranges) && ranges.type === "bytes" && ranges.length === 1 ? ranges[0] : undefined;
  if (!range) return whole;
  response.status(206);
  response.setHeader("Content-Range", `bytes ${range.start}-${range.end}/${document.bytes}`);
  return range;
}

/** Passes the bytes from `start` to `end`, both included. */
function slice(start: number, end: number) {
  return async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let at = 0;
    for await (const chunk of source) {
      const from = Math.max(0, start - at);
      const to = Math.min(chunk.length, end + 1 - at);
      if (from < to) yield chunk.subarray(from, to);
      at += chunk.length;
      if (at > end) return;
    }
  };
}
