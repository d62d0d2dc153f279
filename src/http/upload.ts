import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import type { Request } from "express";
import { Problem } from "./problem.ts";
import type { ProblemCode } from "./problems.ts";

/** What a body must be, as far as the door can see, and what it is called when it isn't. */
interface Expected {
  magic: Buffer;
  notIt: ProblemCode;
  tooLarge: ProblemCode;
}

/** How a PDF begins (ISO 32000-1, 7.5.2); what follows is the inspector's business. */
const pdf: Expected = { magic: Buffer.from("%PDF-"), notIt: "not_a_pdf", tooLarge: "document_too_large" };

export interface Received {
  sha256: string;
  bytes: number;
}

/**
 * Streams a request's body to a new file at `path`, and syncs it: never more than `maxBytes` and one chunk are
 * taken. Throws `upload_incomplete` and, of PDFs, `document_too_large`, `not_a_pdf`; the file is the caller's to remove.
 */
export async function receive(
  request: Request,
  path: string,
  maxBytes: number,
  expected = pdf,
): Promise<Received> {
  const announced = Number(request.get("Content-Length") ?? 0);
  if (announced > maxBytes) throw tooLarge(expected, maxBytes);
  const file = await open(path, "wx", 0o600);
  try {
    const received = await copy(request, file, maxBytes, expected);
    await file.sync();
    return received;
  } finally {
    await file.close();
  }
}

async function copy(
  request: Request,
  file: FileHandle,
  maxBytes: number,
  expected: Expected,
): Promise<Received> {
  const { magic, notIt } = expected;
  const hash = createHash("sha256");
  let bytes = 0;
  let begin = Buffer.alloc(0);
  // An iterator that destroyed the request would close the connection before the problem is answered.
  for await (const chunk of chunks(request)) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(expected, maxBytes);
    if (begin.length < magic.length) begin = Buffer.concat([begin, chunk.subarray(0, magic.length)]);
    if (begin.length >= magic.length && !begin.subarray(0, magic.length).equals(magic))
      throw new Problem(notIt);
    hash.update(chunk);
    // writeFile on a handle goes on where it is, and writes all or throws.
    await file.writeFile(chunk);
  }
  if (bytes === 0 || bytes < magic.length) throw new Problem(notIt);
  return { sha256: hash.digest("hex"), bytes };
}

async function* chunks(request: Request): AsyncGenerator<Buffer> {
  const iterator = request.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Buffer>;
  try {
    yield* iterator;
  } catch (error) {
    if (request.destroyed && !request.complete) throw new Problem("upload_incomplete", { cause: error });
    throw error;
  }
}

function tooLarge({ tooLarge: code }: Expected, maxBytes: number): Problem {
  return new Problem(code, { facts: { maxBytes } });
}
