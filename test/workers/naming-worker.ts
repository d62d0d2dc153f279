import { threadId } from "node:worker_threads";
import type { SignResult } from "../../src/actors/runtime/ports.ts";
import type { Job } from "../../src/workers/tasks/signing.ts";

/** Signs nothing: the result is named after `outPath`, and its field after the thread. */
export const doGroup = (jobs: readonly Job[]): SignResult[] =>
  jobs.map(({ name, of }) => ({
    ...{ ok: true, sha256: name === "sign" ? of.outPath : "", bytes: 0, revisionBytes: 0 },
    ...{ before: "", level: "B-B" as const },
    certificate: { sha256: "", serialHex: "" },
    fieldName: String(threadId),
  }));
