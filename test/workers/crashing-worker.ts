import { doGroup as act, type Job } from "../../src/workers/tasks/signing.ts";

/** Works as the real worker does, but a document's name may end its thread, keep it busy for ever or for a while. */
export async function doGroup(jobs: readonly Job[]): ReturnType<typeof act> {
  for (const word of jobs.map(wordOf)) {
    if (word.includes("crash")) process.exit(7);
    if (word.includes("hang")) for (;;);
    if (word.includes("slow")) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
  }
  return act(jobs);
}

const wordOf = ({ of }: Job): string =>
  "path" in of ? of.path : "task" in of ? of.task.path : "no document";
