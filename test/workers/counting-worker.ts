import type { SignResult } from "../../src/actors/runtime/ports.ts";
import type { Job } from "../../src/workers/tasks/signing.ts";

/** Does nothing: answers each job with the size of the group that it came in. */
export const doGroup = (jobs: readonly Job[]): SignResult[] =>
  jobs.map(() => ({ ok: false, code: `of ${jobs.length}` }));
