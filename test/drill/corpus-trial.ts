import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { signDocument } from "../../src/workers/sign-document.ts";
import { verifyDocument } from "../../src/workers/verify-document.ts";
import { ran } from "../support/programs.ts";
import { clientOf, memberOf, sealOf, someDay, type TestPki } from "../workers/pki.ts";

/** Whether programs that we did not write look at what was signed too: `pdfsig`, `qpdf` and `pdftoppm`. */
export interface TrialSettings {
  readonly pki: TestPki;
  readonly folder: string;
  readonly programs: boolean;
}

/** qpdf's answers, from none to the worst: no complaint, warnings, errors. */
const QPDF_ORDER = [0, 3, 2];
const DOTS_PER_INCH = "40";
const SECONDS = "60";

/** Signs a document three times and says all that is wrong with the result: nothing, as it should be. */
export async function faultsOnceSigned(path: string, settings: TrialSettings): Promise<string[]> {
  const { pki, folder } = settings;
  const fields: string[] = [];
  const at = (step: number) => join(folder, `signed-${step}.pdf`);
  await copyFile(path, at(0));
  for (const [step, signer] of [clientOf(pki), memberOf(pki), sealOf(pki)].entries()) {
    const signed = await signDocument({
      path: at(step),
      outPath: at(step + 1),
      signer,
      signingTime: someDay.getTime(),
      name: "Éloïse D'Œuvre",
    });
    if (!signed.ok) return [`signature ${step + 1}: ${signed.code} ${signed.detail ?? ""}`];
    fields.push(signed.fieldName);
  }
  const signed = at(3);
  const before = await readFile(path);
  const faults = (await readFile(signed)).subarray(0, before.length).equals(before)
    ? []
    : ["earlier bytes have changed"];
  const trustDer = [pki.rootDer];
  if (!settings.programs) return [...faults, ...ourFaults(signed, { trustDer, fields })];
  return [...faults, ...(await finishedFaults({ before: path, after: signed, fields, trustDer, folder }))];
}

/** A document before and after our signatures, which are those of these fields. */
export interface Finished {
  readonly before: string;
  readonly after: string;
  readonly fields: readonly string[];
  readonly trustDer: readonly Uint8Array[];
  readonly folder: string;
}

/** All that is wrong with invisible signatures, by our verifier and by programs that we did not write. */
export async function finishedFaults(finished: Finished): Promise<string[]> {
  const { before, after, fields, folder } = finished;
  return [
    ...ourFaults(after, finished),
    ...(await pdfsigFaults(after, fields)),
    ...(await qpdfFaults(before, after)),
    ...(await pageFaults(before, after, folder)),
  ];
}

function ourFaults(path: string, { trustDer, fields }: Pick<Finished, "trustDer" | "fields">): string[] {
  const { signatures, problems } = verifyDocument(path, { trustDer });
  const ours = signatures.filter(({ fieldName }) => fields.includes(fieldName));
  const faults = problems.map((problem) => `verify: ${problem}`);
  if (ours.length !== fields.length) faults.push(`verify: ${ours.length} of our signatures`);
  for (const { fieldName, verdict, problems } of ours)
    if (verdict !== "TOTAL-PASSED") faults.push(`verify ${fieldName}: ${verdict} ${problems.join()}`);
  return faults;
}

async function pdfsigFaults(path: string, fields: readonly string[]): Promise<string[]> {
  const { stdout } = await bounded("pdfsig", "-nocert", path);
  const blocks = stdout.split(/^Signature #\d+:/m).slice(1);
  return fields.flatMap((field) => {
    const block = blocks.find((one) => one.includes(`Signature Field Name: ${field}\n`));
    return block?.includes("Signature is Valid") ? [] : [`pdfsig: ${field} is not valid`];
  });
}

async function qpdfFaults(before: string, after: string): Promise<string[]> {
  const [was, is] = await Promise.all([before, after].map((path) => bounded("qpdf", "--check", path)));
  const order = (ran?: { status: number }) => QPDF_ORDER.indexOf(ran?.status ?? 2);
  return order(is) <= order(was) ? [] : [`qpdf: ${was?.status} became ${is?.status}`];
}

/** What `pdftoppm` draws of two files, compared page by page; of what it can't draw at all, nothing is said. */
export async function pageFaults(before: string, after: string, folder: string): Promise<string[]> {
  const was = await pagesOf(before, folder);
  const is = await pagesOf(after, folder);
  if (was.length === 0 || was.join() === is.join()) return [];
  if (was.length !== is.length) return [`pdftoppm: ${was.length} pages became ${is.length}`];
  return [`pdftoppm: page ${was.findIndex((page, i) => page !== is[i]) + 1} has changed`];
}

async function pagesOf(path: string, folder: string): Promise<string[]> {
  const drawn = join(folder, "pages");
  await mkdir(drawn);
  try {
    await bounded("pdftoppm", "-r", DOTS_PER_INCH, path, join(drawn, "page"));
    const names = (await readdir(drawn)).sort();
    const pages = await Promise.all(names.map((name) => readFile(join(drawn, name))));
    return pages.map((page) => createHash("sha256").update(page).digest("hex"));
  } finally {
    await rm(drawn, { recursive: true });
  }
}

function bounded(...command: string[]) {
  return ran("timeout", [SECONDS, ...command]);
}
