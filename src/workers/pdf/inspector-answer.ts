import type { Said } from "../isolation/limited-process.ts";
import type { Inspection } from "./inspect.ts";

/** What the inspecting process said of a file, and whether it wrote it anew. */
export interface Answer {
  readonly inspection: Inspection;
  readonly isRewritten: boolean;
}

/** The answer for a file that could not be inspected. */
export function failed(detail: string): Inspection {
  return { ok: false, code: "pdf_inspection_failed", detail };
}

/** Undefined: nonsense. */
export function parseAnswer(line: string): Said<Answer> | undefined {
  try {
    const value = JSON.parse(line) as Inspection & { rewrittenBytes?: number };
    if (value.ok === true) {
      const { pages, revisions, signatures, rewrittenBytes } = value;
      const bytes = rewrittenBytes ?? 0;
      const counts = [pages, revisions, signatures, bytes];
      if (!counts.every((count) => Number.isSafeInteger(count) && count >= 0)) return undefined;
      const inspection = { ok: true, pages, revisions, signatures } as const;
      return { answer: { inspection, isRewritten: rewrittenBytes !== undefined }, bytes };
    }
    const { code, detail } = value;
    const sound = value.ok === false && typeof code === "string" && typeof detail === "string";
    return sound
      ? { answer: { inspection: { ok: false, code, detail }, isRewritten: false }, bytes: 0 }
      : undefined;
  } catch {
    return undefined;
  }
}
