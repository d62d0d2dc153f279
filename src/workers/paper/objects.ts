import { createHash } from "node:crypto";
import { dict, integer, type PdfObject, type PdfRef, ref, withEntries } from "../pdf/syntax/objects.ts";
import { serialize } from "../pdf/syntax/serialize.ts";

/** The objects of a new PDF, numbered from 1 as they are asked for. */
export class PaperObjects {
  readonly #bodies: (Buffer | undefined)[] = [undefined];

  reserve(): PdfRef {
    this.#bodies.push(undefined);
    return ref(this.#bodies.length - 1, 0);
  }

  /** With `data` it is a stream, and `object` its dictionary. */
  add(object: PdfObject, data?: Uint8Array): PdfRef {
    const added = this.reserve();
    this.set(added, object, data);
    return added;
  }

  set({ num }: PdfRef, object: PdfObject, data?: Uint8Array): void {
    this.#bodies[num] = data === undefined ? latin(serialize(object)) : stream(object, data);
  }

  /** The whole file: a header, the objects, a table of them, a trailer. */
  file(root: PdfRef, info: PdfRef): Buffer {
    const parts = [latin("%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n")];
    let at = parts[0]?.length ?? 0;
    let table = "0000000000 65535 f \n";
    for (const [number, body] of this.#bodies.entries()) {
      if (number === 0) continue;
      const part = Buffer.concat([latin(`${number} 0 obj\n`), body ?? latin("null"), latin("\nendobj\n")]);
      table += `${String(at).padStart(10, "0")} 00000 n \n`;
      parts.push(part);
      at += part.length;
    }
    const size = this.#bodies.length;
    const digest = createHash("sha256");
    for (const part of parts) digest.update(part);
    const id = digest.digest("hex").slice(0, 32);
    const trailer =
      `xref\n0 ${size}\n${table}trailer\n<< /Size ${size} /Root ${root.num} 0 R /Info ${info.num} 0 R ` +
      `/ID [<${id}> <${id}>] >>\nstartxref\n${at}\n%%EOF\n`;
    return Buffer.concat([...parts, latin(trailer)]);
  }
}

function stream(object: PdfObject, data: Uint8Array): Buffer {
  const entries =
    object !== null && typeof object !== "boolean" && object.type === "dict" ? object : dict([]);
  const head = serialize(withEntries(entries, [["Length", integer(data.length)]]));
  return Buffer.concat([latin(`${head}\nstream\n`), data, latin("\nendstream")]);
}

const latin = (text: string): Buffer => Buffer.from(text, "latin1");
