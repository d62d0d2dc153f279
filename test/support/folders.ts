import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A new empty folder; who made it removes it. */
export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "collecte-test-"));
}
