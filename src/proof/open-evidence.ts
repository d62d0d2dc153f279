import { buffer } from "node:stream/consumers";
import { Terminal } from "../actors/runtime/errors.ts";
import type { Blobs, EvidenceFiles, Records } from "../actors/runtime/ports.ts";
import { open } from "../actors/runtime/secrets.ts";

/** Opens stored evidence files with their collectes' keys. */
export function openEvidence({
  records,
  blobs,
}: {
  records: Pick<Records, "record">;
  blobs: Pick<Blobs, "open">;
}): Pick<EvidenceFiles, "open"> {
  return {
    async open(firmId, collecteId, sha256) {
      const key = (await records.record(firmId, collecteId))?.key;
      if (key === undefined) throw new Terminal("blob_missing");
      return open(key, await buffer((await blobs.open(sha256)).stream));
    },
  };
}
