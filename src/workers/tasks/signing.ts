import type {
  Draft,
  KeyMaterial,
  ProvenSignature,
  SignResult,
  SignTask,
  StampOrder,
} from "../../actors/runtime/ports.ts";
import { archive as archiveStep } from "../levels/archive.ts";
import { finish as finishStep } from "../levels/finish.ts";
import { gather as gatherStep } from "../levels/gather.ts";
import { prepare as prepareStep } from "../levels/prepare.ts";
import { signDocument } from "../sign-document.ts";
import { stamp as stampNow } from "../timestamp-unit.ts";
import { type VerifyOptions, type VerifyReport, verifyDocument } from "../verify-document.ts";

/** Signs a group; while one document waits for its fsync, the thread works on the next. Results in order. */
export const signGroup = (tasks: readonly SignTask[]): Promise<SignResult[]> =>
  Promise.all(tasks.map(signDocument));

/** `verifyDocument`, as a task. */
export const verify = ({ path, options }: { path: string; options: VerifyOptions }): VerifyReport =>
  verifyDocument(path, options);

/** A token by our own timestamp unit. */
export const stamp = ({ key, order }: { key: KeyMaterial; order: StampOrder }) => stampNow(key, order);

/** What each step of a signature with evidence is given. */
export interface StepTasks {
  prepare: { task: SignTask; tokenBytes: number };
  gather: { task: SignTask; draft: Draft; token: Uint8Array };
  archive: { task: SignTask; draft: Draft; evidence: readonly ProvenSignature[]; tokenBytes?: number };
  finish: { task: SignTask; draft: Draft; token?: Uint8Array };
}

/** The steps of `LevelPool`, as tasks. */
export const prepare = (of: StepTasks["prepare"]) => prepareStep(of.task, of.tokenBytes);
export const gather = (of: StepTasks["gather"]) => gatherStep(of.task, of.draft, of.token);
export const archive = (of: StepTasks["archive"]) =>
  archiveStep(of.task, of.draft, of.evidence, of.tokenBytes);
export const finish = (of: StepTasks["finish"]) => finishStep(of.task, of.draft, of.token);
