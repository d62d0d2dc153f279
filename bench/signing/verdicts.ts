import { existsSync } from "node:fs";
import { verifyDocument } from "../../src/workers/verify-document.ts";
import { ran } from "../../test/support/programs.ts";

/** What our verifier and, where it is installed, pdfsig say of a signed file: peers sign under roots of their own. */
export async function checked(path: string, rootDer: Uint8Array): Promise<string> {
  const report = verifyDocument(path, { trustDer: [rootDer] });
  const covers = report.signatures.some(({ coversWholeFile }) => coversWholeFile);
  const problems = [...report.problems, ...report.signatures.flatMap((one) => one.problems)];
  const ours = `${report.verdict}${covers ? "" : " (does not cover the file)"}${problems.length > 0 ? ` (${problems.join(", ")})` : ""}`;
  if (!["/usr/bin/pdfsig", "/usr/local/bin/pdfsig"].some(existsSync)) return ours;
  const { stdout } = await ran("pdfsig", ["-nocert", path]);
  const said = /Signature Validation: (.*?)\.?\n/.exec(stdout)?.[1] ?? "no signature";
  return `${ours}; pdfsig: ${said}`;
}
