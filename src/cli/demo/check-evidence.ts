import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { collecteJson } from "./engine-process.ts";

/** A command line is not endless. */
const filesAtOnce = 250;

/**
 * How many evidence files there are, and how many pass `collecte verify-evidence` with nothing but the root certificate, as
 * of `at`: it runs as anybody would run it, beside no engine.
 */
export async function checkEvidence(
  folder: string,
  at: number,
): Promise<{ files: number; verified: number }> {
  const evidence = join(folder, "evidence");
  const files = (await readdir(evidence)).map((name) => join(evidence, name));
  let verified = 0;
  for (let from = 0; from < files.length; from += filesAtOnce) {
    const some = files.slice(from, from + filesAtOnce);
    const judgedAt = new Date(at).toISOString();
    const options = ["--root", join(folder, "ca.pem"), "--at", judgedAt];
    const judged = await collecteJson<{ files: { verdict: string }[] }>(
      {},
      "verify-evidence",
      ...options,
      ...some,
    );
    verified += judged.files.filter(({ verdict }) => verdict === "TOTAL-PASSED").length;
  }
  return { files: files.length, verified };
}
