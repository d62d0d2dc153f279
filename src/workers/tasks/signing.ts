import type {
  Draft,
  Gathered,
  KeyMaterial,
  Paper,
  ProvenSignature,
  SignResult,
  SignTask,
  StampedFailure,
  StampingUnit,
  StampOrder,
  StepFailure,
} from "../../actors/runtime/ports.ts";
import { archive } from "../levels/archive.ts";
import { finish } from "../levels/finish.ts";
import { gather } from "../levels/gather.ts";
import { prepare } from "../levels/prepare.ts";
import { finishStamped, gatherStamped } from "../levels/stamped.ts";
import { certificatesIn, writePaper } from "../paper/tasks.ts";
import { checkLogo } from "../pdf/stamp/check-logo.ts";
import { signDocument } from "../sign-document.ts";
import { stamp } from "../timestamp-unit.ts";
import { type VerifyOptions, type VerifyReport, verifyDocument } from "../verify-document.ts";

/** What a thread does, by name: what it is given and what it answers. */
export interface Work {
  sign: { of: SignTask; result: SignResult };
  /** The steps of `LevelPool`. */
  prepare: { of: { task: SignTask; tokenBytes: number }; result: Draft | StepFailure };
  gather: { of: { task: SignTask; draft: Draft; token: Uint8Array }; result: Gathered | StepFailure };
  archive: {
    of: { task: SignTask; draft: Draft; evidence: readonly ProvenSignature[]; tokenBytes?: number };
    result: Draft | StepFailure;
  };
  finish: { of: { task: SignTask; draft: Draft; token?: Uint8Array }; result: SignResult | StepFailure };
  /** The steps of `StampedPool`. */
  gatherStamped: {
    of: { task: SignTask; tokenBytes: number; unit: StampingUnit };
    result: (Gathered & { tokenBytes: number }) | StampedFailure;
  };
  finishStamped: {
    of: {
      task: SignTask;
      draft: Draft;
      evidence: readonly ProvenSignature[];
      tokenBytes: number;
      unit: StampingUnit;
    };
    result: SignResult | StampedFailure;
  };
  /** A token by our own timestamp unit. */
  stamp: {
    of: { key: KeyMaterial; order: StampOrder };
    result: { ok: true; token: Uint8Array } | StepFailure;
  };
  verify: { of: { path: string; options: VerifyOptions }; result: VerifyReport };
  writePaper: { of: { paper: Paper; outPath: string }; result: { ok: true; bytes: number } | StepFailure };
  certificatesIn: {
    of: { path: string };
    result: { ok: true; certificates: Uint8Array[] } | StepFailure;
  };
  checkLogo: { of: { image: Uint8Array }; result: { ok: true } | StepFailure };
}

/** One piece of it. */
export type Job = { [K in keyof Work]: { name: K; of: Work[K]["of"] } }[keyof Work];

const acts: { [K in keyof Work]: (of: Work[K]["of"]) => Work[K]["result"] | Promise<Work[K]["result"]> } = {
  sign: signDocument,
  prepare: ({ task, tokenBytes }) => prepare(task, tokenBytes),
  gather: ({ task, draft, token }) => gather(task, draft, token),
  archive: ({ task, draft, evidence, tokenBytes }) => archive(task, draft, evidence, tokenBytes),
  finish: ({ task, draft, token }) => finish(task, draft, token),
  gatherStamped: ({ task, tokenBytes, unit }) => gatherStamped(task, tokenBytes, unit),
  finishStamped: ({ task, draft, evidence, tokenBytes, unit }) =>
    finishStamped(task, draft, evidence, tokenBytes, unit),
  stamp: ({ key, order }) => stamp(key, order),
  verify: ({ path, options }) => verifyDocument(path, options),
  writePaper: ({ paper, outPath }) => writePaper(paper, outPath),
  certificatesIn: ({ path }) => certificatesIn(path),
  checkLogo: ({ image }) => checkLogo(image),
};

const act = async <K extends keyof Work>({ name, of }: { name: K; of: Work[K]["of"] }) => acts[name](of);

/** Does all jobs of a group; while one document waits for its fsync, the thread works on the next. Results in order. */
export const doGroup = (jobs: readonly Job[]): Promise<Work[keyof Work]["result"][]> =>
  Promise.all(jobs.map((job) => act(job)));
