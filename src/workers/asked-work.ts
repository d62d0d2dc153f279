import type {
  LevelPool,
  LogoPool,
  PaperPool,
  StampedPool,
  StampingPool,
  StepFailure,
} from "../actors/runtime/ports.ts";
import type { Job, Work } from "./tasks/signing.ts";

/** What may be asked of the threads of a pool, but for checks. */
export type AskedWork = LevelPool & StampedPool & StampingPool & PaperPool & LogoPool;

type Answered<K extends keyof Work> = Exclude<Work[K]["result"], StepFailure> | StepFailure;

/** Each piece of work as a job for `done`, which answers with its result or why it has none. */
export function askedWork(done: (job: Job) => Promise<Work[keyof Work]["result"]>): AskedWork {
  const ask = <K extends keyof Work>(job: Job & { name: K }) => done(job) as Promise<Answered<K>>;
  return {
    sign: (task) => ask({ name: "sign", of: task }),
    prepare: (task, tokenBytes) => ask({ name: "prepare", of: { task, tokenBytes } }),
    gather: (task, draft, token) => ask({ name: "gather", of: { task, draft, token } }),
    archive: (task, draft, evidence, tokenBytes) =>
      ask({
        name: "archive",
        of: { task, draft, evidence, ...(tokenBytes !== undefined && { tokenBytes }) },
      }),
    finish: (task, draft, token) =>
      ask({ name: "finish", of: { task, draft, ...(token !== undefined && { token }) } }),
    gatherStamped: (task, tokenBytes, unit) => ask({ name: "gatherStamped", of: { task, tokenBytes, unit } }),
    finishStamped: (task, draft, evidence, tokenBytes, unit) =>
      ask({ name: "finishStamped", of: { task, draft, evidence, tokenBytes, unit } }),
    stamp: (key, order) => ask({ name: "stamp", of: { key, order } }),
    writePaper: (paper, outPath) => ask({ name: "writePaper", of: { paper, outPath } }),
    certificatesIn: (path) => ask({ name: "certificatesIn", of: { path } }),
    checkLogo: (image) => ask({ name: "checkLogo", of: { image } }),
  };
}
