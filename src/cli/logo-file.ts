import { readFileSync, statSync } from "node:fs";
import { PdfRefused } from "../workers/pdf/refused.ts";
import { maxLogoBytes, readLogo } from "../workers/pdf/stamp/logo.ts";
import { CliFault } from "./fault.ts";

/** The image in a file, looked at: what no stamp could show is a `CliFault`. */
export function logoIn(path: string): Uint8Array {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile() !== true) throw new CliFault(`${path}: no such file`);
  if (found.size > maxLogoBytes) throw new CliFault(`${path}: over ${maxLogoBytes} bytes`);
  const image = readFileSync(path);
  try {
    readLogo(image);
  } catch (error) {
    if (!(error instanceof PdfRefused)) throw error;
    throw new CliFault(`${path}: ${error.detail}`, { cause: error });
  }
  return image;
}
