import type { SignResult, SignTask } from "../../actors/runtime/ports.ts";
import { signDocument } from "../sign-document.ts";
import { type VerifyOptions, type VerifyReport, verifyDocument } from "../verify-document.ts";

/** Signs a group; while one document waits for its fsync, the thread works on the next. Results in order. */
export const signGroup = (tasks: readonly SignTask[]): Promise<SignResult[]> =>
  Promise.all(tasks.map(signDocument));

/** `verifyDocument`, as a task. */
export const verify = ({ path, options }: { path: string; options: VerifyOptions }): VerifyReport =>
  verifyDocument(path, options);
