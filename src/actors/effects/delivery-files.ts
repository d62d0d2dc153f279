import { hash } from "node:crypto";
import { Readable } from "node:stream";
import type { Collecte } from "../collecte/state.ts";
import type { Upload } from "../runtime/ports.ts";

/** A file as it is delivered, under a name that every file system takes. */
export interface DeliveryFile extends Upload {
  name: string;
}

const evidenceName = { fr: "dossier-de-preuve.pdf", en: "evidence-file.pdf" };

/** A collecte's documents, its evidence file where there is one, and last the index that names them. */
export function filesOf(
  id: string,
  state: Collecte,
  open: (sha256: string) => Promise<Readable>,
): DeliveryFile[] {
  const { documents, personal, evidence, language } = state;
  const pdf = (name: string, sha256: string, bytes: number): DeliveryFile => ({
    name,
    sha256,
    bytes,
    contentType: "application/pdf",
    open: () => open(sha256),
  });
  const files = documents.map((document, i) => {
    const given = personal.documentNames?.[document.id] ?? "document";
    const name = `${String(i + 1).padStart(2, "0")} ${safeName(given.replace(/\.pdf$/i, ""), 100)}.pdf`;
    return { document, file: pdf(name, document.head, document.bytes) };
  });
  const proof = evidence && pdf(evidenceName[language], evidence.sha256, evidence.bytes);
  const index = {
    collecte: id,
    title: personal.title,
    endedAt: new Date(state.endedAt ?? 0).toISOString(),
    documents: files.map(({ document, file }) => ({
      file: file.name,
      id: document.id,
      sha256: document.head,
      originalSha256: document.original,
      bytes: document.bytes,
      pages: document.pages,
      level: document.level ?? null,
    })),
    evidence: proof ? { file: proof.name, sha256: proof.sha256, bytes: proof.bytes } : null,
  };
  const text = Buffer.from(`${JSON.stringify(index, null, 2)}\n`);
  const last: DeliveryFile = {
    name: "index.json",
    sha256: hash("sha256", text),
    bytes: text.length,
    contentType: "application/json",
    open: async () => Readable.from([text], { objectMode: false }),
  };
  return [...files.map(({ file }) => file), ...(proof ? [proof] : []), last];
}

/** The day, the title and the id: the same at each try, and of no other collecte. */
export function folderNameOf(id: string, { endedAt = 0, personal }: Collecte): string {
  return `${new Date(endedAt).toISOString().slice(0, 10)} ${safeName(personal.title, 80)} ${safeName(id, 80)}`;
}

/** Letters, figures and a few signs, so many bytes at most: no path, nothing hidden, nothing that a shell reads. */
export function safeName(text: string, mostBytes: number): string {
  const plain = text.normalize("NFC").replace(/[^\p{L}\p{N} ._-]+/gu, "_");
  let name = "";
  for (const letter of plain) {
    if (Buffer.byteLength(name) + Buffer.byteLength(letter) > mostBytes) break;
    name += letter;
  }
  return name.replace(/^[ .]+|[ .]+$/g, "") || "_";
}
