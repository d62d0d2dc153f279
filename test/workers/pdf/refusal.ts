import { PdfRefused } from "../../../src/workers/pdf/refused.ts";

/** The code with which an act is refused, or "none". */
export function refusalOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof PdfRefused) return error.code;
    throw error;
  }
  return "none";
}
