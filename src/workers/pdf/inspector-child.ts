import { closeSync, fstatSync, openSync } from "node:fs";
import { createInterface } from "node:readline";
import { type Inspection, type InspectionLimits, inspectPdf } from "./inspect.ts";
import { fileSource } from "./source.ts";

interface Question {
  readonly path: string;
  readonly limits: InspectionLimits;
}

function answer(question: Question): Inspection {
  try {
    const fd = openSync(question.path, "r");
    try {
      return inspectPdf(fileSource(fd, fstatSync(fd).size), question.limits);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    // The name only: a message could quote the document.
    const detail = error instanceof Error ? error.name : "unknown";
    return { ok: false, code: "pdf_inspection_failed", detail };
  }
}

// One question a line, one answer a line, in order; the end of the input ends the process.
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(answer(JSON.parse(line) as Question))}\n`);
}
