import type { Inspection } from "./inspect.ts";

/** What the inspecting process said: of a file, and how many bytes it wrote anew. */
export interface Answer {
  readonly inspection: Inspection;
  readonly rewrittenBytes: number | undefined;
}

/** The answer for a file that could not be inspected. */
export function failed(detail: string): Inspection {
  return { ok: false, code: "pdf_inspection_failed", detail };
}

/** The child has read an unknown file: what it says is checked like anything from outside. Undefined: nonsense. */
export function parseAnswer(line: string): Answer | undefined {
  try {
    const value = JSON.parse(line) as Inspection & { rewrittenBytes?: number };
    if (value.ok === true) {
      const { pages, revisions, signatures, rewrittenBytes } = value;
      const counts = [pages, revisions, signatures, rewrittenBytes ?? 0];
      if (!counts.every((count) => Number.isSafeInteger(count) && count >= 0)) return undefined;
      return { inspection: { ok: true, pages, revisions, signatures }, rewrittenBytes };
    }
    const { code, detail } = value;
    const sound = value.ok === false && typeof code === "string" && typeof detail === "string";
    return sound ? { inspection: { ok: false, code, detail }, rewrittenBytes: undefined } : undefined;
  } catch {
    return undefined;
  }
}
