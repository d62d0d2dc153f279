import { readFile } from "node:fs/promises";
import { certificatesIn } from "../../identity/pem.ts";
import { createSigningPool } from "../../workers/pool.ts";
import { signaturesOfCollecte } from "./sending.ts";

/** The files in which our own verifier finds every expected signature valid at that time, up to the root that was written. */
export async function checkLetters(
  sent: { file: string }[],
  rootFile: string,
  threads: number,
  at = Date.now(),
): Promise<string[]> {
  const trustDer = certificatesIn(await readFile(rootFile, "utf8"));
  const pool = createSigningPool({ threads });
  try {
    const reports = await Promise.all(sent.map(({ file }) => pool.verify(file, { trustDer, at })));
    const isValid = ({ verdict, signatures }: (typeof reports)[number]) =>
      verdict === "TOTAL-PASSED" && signatures.length === signaturesOfCollecte;
    return sent.flatMap(({ file }, i) => {
      const found = reports[i];
      return found && isValid(found) ? [file] : [];
    });
  } finally {
    await pool.close();
  }
}
