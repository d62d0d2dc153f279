import { writeFileSync } from "node:fs";
import type { Paper, StepFailure } from "../../actors/runtime/ports.ts";
import { withDocument } from "../open-document.ts";
import { readSignatures } from "../pdf/signatures.ts";
import { openPdf } from "../pdf/tail.ts";
import { cmsOf, readOne } from "../report/reading.ts";
import { failureOf } from "../task-failure.ts";
import { paperPdf } from "./paper.ts";

/** Writes a paper where nothing was; it is signed next, and made durable with its signature. Never throws. */
export function writePaper(paper: Paper, outPath: string): { ok: true; bytes: number } | StepFailure {
  try {
    const pdf = paperPdf(paper);
    writeFileSync(outPath, pdf, { flag: "wx", mode: 0o600 });
    return { ok: true, bytes: pdf.length };
  } catch (error) {
    return failureOf(error);
  }
}

/** The certificates in the signatures of a document, each once. Never throws. */
export function certificatesIn(path: string): { ok: true; certificates: Uint8Array[] } | StepFailure {
  try {
    const found = withDocument(path, ({ source }) =>
      readSignatures(openPdf(source))
        .map((signature) => readOne(signature, source))
        .flatMap(cmsOf)
        .flatMap(({ certificatesDer }) => certificatesDer)
        // Copies: what they are cut from is the whole document.
        .map((der) => Uint8Array.from(der)),
    );
    const once = new Map(found.map((der) => [Buffer.from(der).toString("latin1"), der]));
    return { ok: true, certificates: [...once.values()] };
  } catch (error) {
    return failureOf(error);
  }
}
