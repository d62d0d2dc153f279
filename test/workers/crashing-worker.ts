import type { SignResult, SignTask } from "../../src/actors/runtime/ports.ts";
import { signGroup as sign } from "../../src/workers/tasks/signing.ts";

export { verify } from "../../src/workers/tasks/signing.ts";

/** Signs as the real worker does, but a document's name may end its thread, or keep it busy for ever. */
export function signGroup(tasks: readonly SignTask[]): Promise<SignResult[]> {
  if (tasks.some(({ path }) => path.includes("crash"))) process.exit(7);
  if (tasks.some(({ path }) => path.includes("hang"))) for (;;);
  return sign(tasks);
}
