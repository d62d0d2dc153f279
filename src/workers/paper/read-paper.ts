import { decodeStream, InflationBudget } from "../pdf/filters.ts";
import { catalogOf, pagesOf } from "../pdf/pages.ts";
import type { PdfSource } from "../pdf/source.ts";
import { as, type PdfDict, type PdfObject } from "../pdf/syntax/objects.ts";
import { openPdf } from "../pdf/tail.ts";
import type { PdfView } from "../pdf/view.ts";
import { factsIn } from "./metadata.ts";

/** What a paper holds, besides its look. */
export interface ReadPaper {
  facts: Record<string, string>;
  /** The content of each page, unpacked. */
  contents: string[];
  attachment?: Uint8Array;
}

/** Takes a paper apart; throws `PdfRefused` on a file that is none. To be given only files whose seal has passed. */
export function readPaper(source: PdfSource): ReadPaper {
  const view = openPdf(source).latest;
  const budget = new InflationBudget();
  const { dict: catalog } = catalogOf(view);
  const streamOf = (object: PdfObject | undefined): Uint8Array | undefined => {
    const stream = as(view.resolve(object), "stream");
    if (stream === undefined) return undefined;
    return decodeStream(view.raw(stream), stream.dict, (one) => view.resolve(one), budget);
  };
  const contents = [...pagesOf(view)].map(({ dict }) => latin(streamOf(dict.entries.get("Contents"))));
  const metadata = streamOf(catalog.entries.get("Metadata"));
  const attachment = streamOf(fileOf(view, catalog));
  return {
    facts: factsIn(Buffer.from(metadata ?? []).toString()),
    contents,
    ...(attachment !== undefined && { attachment }),
  };
}

/** The one file that belongs to the whole paper. */
function fileOf(view: PdfView, catalog: PdfDict): PdfObject | undefined {
  const [specification] = view.items(catalog.entries.get("AF"));
  const embedded = view.dict(view.dict(specification)?.entries.get("EF"));
  return embedded?.entries.get("F");
}

const latin = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("latin1");
