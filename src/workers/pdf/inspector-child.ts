import { closeSync, fstatSync, openSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import type { InspectionLimits } from "./inspect.ts";
import { type Judgement, judge, type RewriteWish } from "./judge.ts";
import { fileSource } from "./source.ts";

/** What the engine asks. The answer is a line: an `Inspection`, and how many bytes precede it on the other pipe. */
interface Question {
  readonly path: string;
  readonly limits: InspectionLimits;
  readonly rewrite?: RewriteWish;
}

/** The pipe for files written anew: this process may write no file. */
const REWRITTEN_FD = 3;

async function answer({ path, limits, rewrite }: Question): Promise<Judgement> {
  try {
    const fd = openSync(path, "r");
    try {
      return await judge(fileSource(fd, fstatSync(fd).size), limits, rewrite);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    // The name only: a message could quote the document.
    const detail = error instanceof Error ? error.name : "unknown";
    return { inspection: { ok: false, code: "pdf_inspection_failed", detail } };
  }
}

function send(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(REWRITTEN_FD, bytes, at);
}

// One question a line, one answer a line, in order; the end of the input ends the process.
for await (const line of createInterface({ input: process.stdin })) {
  const { inspection, rewritten } = await answer(JSON.parse(line) as Question);
  if (rewritten !== undefined) send(rewritten);
  const rewrittenBytes = rewritten?.length;
  process.stdout.write(`${JSON.stringify({ ...inspection, rewrittenBytes })}\n`);
}
