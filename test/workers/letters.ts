import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PDFDocument, StandardFonts } from "pdf-lib";

/** A folder that a test removes when it is over. */
export interface Folder {
  path(name: string): string;
  remove(): void;
}

export function temporaryFolder(): Folder {
  const folder = mkdtempSync(join(tmpdir(), "collecte-"));
  return {
    path: (name) => join(folder, name),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A letter of two pages by pdf-lib, with `attachmentBytes` of incompressible weight added to it. */
export async function letter(useObjectStreams: boolean, attachmentBytes = 0): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  const font = await document.embedFont(StandardFonts.Helvetica);
  for (const number of [1, 2]) {
    const page = document.addPage([595, 842]);
    page.drawText(`Lettre de mission, page ${number} : clôture de l'exercice`, {
      x: 50,
      y: 780,
      size: 12,
      font,
    });
  }
  if (attachmentBytes > 0) {
    const weight = Buffer.alloc(attachmentBytes);
    for (let i = 0; i < weight.length; i++) weight[i] = (i * 2654435761) >>> 24;
    document.context.register(document.context.stream(weight));
  }
  return document.save({ useObjectStreams });
}

export async function writeLetter(
  path: string,
  useObjectStreams: boolean,
  attachmentBytes = 0,
): Promise<void> {
  writeFileSync(path, await letter(useObjectStreams, attachmentBytes));
}
