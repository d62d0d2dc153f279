import { type Inspection, type InspectionLimits, inspectPdf } from "./inspect.ts";
import { PdfRefused } from "./refused.ts";
import { bytesSource, type PdfSource } from "./source.ts";

/** How a file may be written anew: only when it is damaged, or in any case, without what could still change it. */
export interface RewriteWish {
  readonly neutralise: boolean;
}

/** What is said of a file, and the bytes that it was said of when they are not the file's own. */
export interface Judgement {
  readonly inspection: Inspection;
  readonly rewritten?: Uint8Array;
}

/** What writing a file anew can mend: where its objects are. */
const REPAIRABLE: ReadonlySet<string> = new Set(["pdf_damaged", "pdf_truncated"]);

/** Whether a file that is refused with this code may be mended by writing it anew. */
export const isRepairable = (code: string): boolean => REPAIRABLE.has(code);

/** What flattening it into one revision can take out besides. */
const NEUTRALISABLE: ReadonlySet<string> = new Set([...REPAIRABLE, "pdf_active_content", "pdf_ambiguous"]);

/** Inspects a file and, where it is wished for and may help, writes it anew once and inspects that like any upload. */
export async function judge(
  source: PdfSource,
  limits: InspectionLimits,
  wish: RewriteWish | undefined,
): Promise<Judgement> {
  const inspection = inspectPdf(source, limits);
  if (wish === undefined) return { inspection };
  const { neutralise } = wish;
  if (inspection.ok ? !neutralise : !(neutralise ? NEUTRALISABLE : REPAIRABLE).has(inspection.code))
    return { inspection };
  if (inspection.ok && inspection.signatures > 0)
    return { inspection: refusal(new PdfRefused("pdf_signed", "a signed file can't be neutralised")) };
  try {
    const { rewritePdf } = await import("./rewrite.ts");
    const rewritten = await rewritePdf(source.read(0, source.size), { neutralise });
    const again = inspectPdf(bytesSource(rewritten), limits);
    return again.ok ? { inspection: again, rewritten } : { inspection: again };
  } catch (error) {
    if (!(error instanceof PdfRefused)) throw error;
    return { inspection: refusal(error) };
  }
}

function refusal({ code, detail }: PdfRefused): Inspection {
  return { ok: false, code, detail };
}
