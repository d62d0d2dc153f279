import { readFile } from "node:fs/promises";
import { tellRecord } from "../actors/effects/templates/record/tell.ts";
import { Retryable } from "../actors/runtime/errors.ts";
import type {
  Blobs,
  Clock,
  Directory,
  PaperPool,
  Proofs,
  Records,
  StoredRecord,
} from "../actors/runtime/ports.ts";
import { contextOf } from "./context.ts";
import { summaryPaper } from "./pages.ts";
import { eventsOf, exportRecord } from "./record.ts";

export interface SummaryDeps {
  records: Pick<Records, "record">;
  directory: Pick<Directory, "firm" | "member">;
  blobs: Pick<Blobs, "temporaryPath" | "discard">;
  pool: PaperPool;
  clock: Clock;
}

/** Summaries are told anew from the record each time: they are there as long as it is. */
export function createSummaries(deps: SummaryDeps): Pick<Proofs, "summary" | "summaryPdf"> {
  const { records, directory, blobs, pool, clock } = deps;

  async function found(firmId: string, id: string): Promise<StoredRecord | undefined> {
    const record = await records.record(firmId, id);
    return record?.kind === "collecte" ? record : undefined;
  }

  return {
    async summary(firmId, id, language) {
      const stored = await found(firmId, id);
      if (stored === undefined) return undefined;
      const { members } = await contextOf(stored, directory);
      return tellRecord(eventsOf(stored.events, stored.key), language, members).events;
    },
    async summaryPdf(firmId, id, language) {
      const stored = await found(firmId, id);
      if (stored === undefined) return undefined;
      const context = await contextOf(stored, directory);
      const record = exportRecord(stored, { ...context, madeAt: clock.now(), language, certificates: [] });
      const path = blobs.temporaryPath();
      try {
        const written = await pool.writePaper(summaryPaper(record, language), path);
        if (!written.ok) throw new Retryable(written.code);
        return await readFile(path);
      } finally {
        await blobs.discard(path);
      }
    },
  };
}
