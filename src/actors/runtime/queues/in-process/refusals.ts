import { ErrorCode } from "bullmq";

function coded(code: ErrorCode, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** The error BullMQ gives when a job is no longer there; same words and code as its Redis backend. */
export function missingJob(jobId: string, command: string): Error {
  return coded(ErrorCode.JobNotExist, `Missing key for job ${jobId}. ${command}`);
}

/** The error BullMQ gives when a job was not where the command needs it. */
export function notInState(jobId: string, state: string, command: string): Error {
  return coded(ErrorCode.JobNotInState, `Job ${jobId} is not in the ${state} state. ${command}`);
}

/** The error BullMQ gives to a worker that does not hold the job, `heldByAnother` or held by nobody. */
export function notLocked(jobId: string, heldByAnother: boolean, command: string): Error {
  return heldByAnother
    ? coded(ErrorCode.JobLockMismatch, `Lock mismatch for job ${jobId}. Cmd ${command} from active`)
    : coded(ErrorCode.JobLockNotExist, `Missing lock for job ${jobId}. ${command}`);
}

/** The error for what hints never need: flows and job schedulers. */
export function unsupported(operation: string): Error {
  return new Error(`${operation}: not supported by the in-process queue`);
}
