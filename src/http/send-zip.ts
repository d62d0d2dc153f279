import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Request, Response } from "express";
import { ZipFile } from "yazl";
import { codeOf } from "../actors/runtime/errors.ts";
import type { CollecteView } from "../actors/runtime/ports.ts";
import { nameOf } from "./collecte-view.ts";
import type { Door } from "./door.ts";
import { dispositionOf, safeFileName, uniqueFileNames } from "./file-names.ts";

/** Readable by everybody, as what a browser saves. */
const fileMode = 0o100644;

/**
 * Answers with all documents of a collecte at their heads as one ZIP, made while it is sent: a PDF gains nothing by being
 * deflated, so its length is known before. `begun` is called once the first document is open.
 */
export async function sendZip(
  { blobs }: Pick<Door, "blobs">,
  request: Request,
  response: Response,
  { state, updatedAt }: Pick<CollecteView, "state" | "updatedAt">,
  begun: () => void = () => {},
): Promise<void> {
  const { documents, personal } = state;
  const zip = new ZipFile();
  let open: Readable | undefined;
  let start = () => {};
  const started = new Promise<void>((resolve) => {
    start = resolve;
  });
  // The first was opened before the answer began.
  const next = async (i: number, head: string): Promise<Readable> => {
    await started;
    if (i > 0 || !open) open = (await blobs.open(head)).stream;
    open.once("error", (error) => zip.emit("error", error));
    return open;
  };
  const names = uniqueFileNames(
    documents.map((document) => nameOf(state, document.id).name ?? document.id),
    ".pdf",
  );
  const mtime = new Date(state.endedAt ?? updatedAt);
  for (const [i, { head, bytes }] of documents.entries()) {
    const options = { compress: false, size: bytes, mtime, mode: fileMode };
    zip.addReadStreamLazy(names[i] ?? head, options, (give) => {
      next(i, head).then(
        (stream) => give(null, stream),
        (error: unknown) => give(error, undefined as never),
      );
    });
  }
  const bytes = await new Promise<number>((known) => zip.end(undefined, known as () => void));
  response.setHeader("Content-Type", "application/zip");
  response.setHeader(
    "Content-Disposition",
    dispositionOf("attachment", safeFileName(personal.title, ".zip")),
  );
  response.setHeader("Content-Length", bytes);
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  const [first] = documents;
  if (first) open = (await blobs.open(first.head)).stream;
  begun();
  // What is cut off is shorter than was said: nobody takes it for whole.
  zip.on("error", (error: Error) => response.destroy(error));
  start();
  try {
    await pipeline(zip.outputStream, response);
  } catch (error) {
    // A reader who closes the window is no failure of ours.
    if (codeOf(error) !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  } finally {
    open?.destroy();
  }
}
