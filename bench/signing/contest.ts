import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { documentKinds, makeDocument } from "./documents.ts";
import { benchFileToFile, type FileFigure } from "./file-to-file.ts";
import { makeIdentities } from "./identities.ts";
import { type BenchedDocument, benchInMemory, type InMemoryFigure, round } from "./in-memory.ts";
import { benchRepeat, type RepeatFigure } from "./repeat.ts";

/** What was measured, and what we promise ourselves of it: `least` or `most`. */
export interface SigningReport {
  notes: string[];
  documents: { document: string; bytes: number; objects: number }[];
  inMemory: InMemoryFigure[];
  fileToFile: FileFigure[];
  repeat: RepeatFigure[];
  ratios: Ratio[];
}

export interface Ratio {
  what: string;
  ratio: number;
  least?: number;
  most?: number;
}

const notes = [
  "floor: SHA-256 of the bytes and one key operation, in memory.",
  "collecte, in memory: tail read, revision, digest, CMS; the revision is the answer. Peers answer the whole file.",
  "peakMb: of the contestant's own process, with the document and Node.js itself (about 50 MB), after both keys.",
  "file to file, ours: fsynced, read back and checked. @libpdf/core: written, neither synced nor read back.",
];

/** Everybody in turn on one machine, on the same documents. `scale` shortens the run. */
export async function signingContest(root: string, scale: number): Promise<SigningReport> {
  const folder = await mkdtemp(join(root, "bench-signing-"));
  try {
    const identities = makeIdentities(new Date());
    const documents = await makeDocuments(folder);
    const inMemory: InMemoryFigure[] = [];
    for (const document of documents)
      inMemory.push(...(await benchInMemory(folder, document, identities, 5 * scale)));
    const small = documents.filter(({ name }) => name === "30 KB, table" || name === "20 MB, table");
    const repeat = await benchRepeat(folder, small, identities["P-256"], Math.max(10, 60 * scale));
    const [first] = documents;
    const count = Math.max(500, Math.round(10_000 * scale));
    const fileToFile =
      first === undefined ? [] : await benchFileToFile(folder, first.pdf, identities["P-256"], count);
    const made = documents.map(({ name, bytes, objects }) => ({ document: name, bytes, objects }));
    return {
      notes,
      documents: made,
      inMemory,
      fileToFile,
      repeat,
      ratios: ratiosOf(inMemory, fileToFile, repeat),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function makeDocuments(folder: string): Promise<(BenchedDocument & { pdf: Buffer })[]> {
  const made: (BenchedDocument & { pdf: Buffer })[] = [];
  for (const kind of documentKinds) {
    const name = `${kind.name}, ${kind.structure}`;
    const path = join(folder, `${name.replace(/\W+/g, "-")}.pdf`);
    const { pdf, objects } = makeDocument(kind);
    await writeFile(path, pdf);
    made.push({ name, path, bytes: pdf.length, objects, pdf });
  }
  return made;
}

function ratiosOf(inMemory: InMemoryFigure[], files: FileFigure[], repeat: RepeatFigure[]): Ratio[] {
  const ratios: Ratio[] = [];
  for (const { document, key, contestant, toFloor, toOurs } of inMemory) {
    const size = document.split(", ").slice(0, -1).join(", ");
    if (contestant === "collecte" && toFloor !== null) {
      const most = size !== "30 KB" ? 1.15 : key === "RSA-2048" ? 1.5 : undefined;
      ratios.push({ what: `${document}, ${key}: to the floor`, ratio: toFloor, ...(most && { most }) });
    }
    if (contestant === "@libpdf/core" && toOurs !== null) {
      const least = leastToLibpdf[size];
      ratios.push({
        what: `${document}, ${key}: @libpdf/core to ours`,
        ratio: toOurs,
        ...(least && { least }),
      });
    }
  }
  const [one, two, libpdf, seal] = files.map(({ perSecond }) => perSecond);
  if (one && two)
    ratios.push({ what: "two threads to one, file to file", ratio: round(two / one), least: 1.9 });
  if (seal && libpdf)
    ratios.push({ what: "collecte seal to @libpdf/core", ratio: round(seal / libpdf), least: 8 });
  const [small, large] = repeat;
  if (small?.inMemoryMs && large?.inMemoryMs) {
    const ratio = round(large.inMemoryMs / small.inMemoryMs);
    ratios.push({ what: "second signature, 20 MB to 30 KB, in memory", ratio, most: 1.5 });
  }
  if (small?.blobToBlobMs && large?.blobToBlobMs) {
    const ratio = round(large.blobToBlobMs / small.blobToBlobMs);
    ratios.push({ what: "second signature, 20 MB to 30 KB, blob to blob", ratio, most: 1.5 });
  }
  return ratios;
}

const leastToLibpdf: Readonly<Record<string, number>> = {
  "30 KB": 10,
  "500 KB": 10,
  "5 MB": 4,
  "20 MB": 4,
  "2,600 pages": 100,
};

/** Whether all is as promised. */
export const isKept = ({ ratios }: SigningReport): boolean =>
  ratios.every(({ ratio, least = 0, most = Number.POSITIVE_INFINITY }) => ratio >= least && ratio <= most);
