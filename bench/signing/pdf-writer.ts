import { deflateSync } from "node:zlib";

/** Whether the document's objects are listed in a table, or packed into object streams and listed in a stream. */
export type Structure = "table" | "stream";

const perObjectStream = 100;

type Entry = { offset: number } | { stream: number; index: number };

// As /W says.
const rowBytes = 7;

/** PNG's filter "Up" (RFC 2083, 6.4), as the writers of large manuals use it. */
function lessRowAbove(rows: Buffer): Buffer {
  const count = rows.length / rowBytes;
  const filtered = Buffer.alloc(rows.length + count, 2);
  for (let i = 0; i < rows.length; i++) {
    const above = i < rowBytes ? 0 : (rows[i - rowBytes] ?? 0);
    filtered[i + Math.floor(i / rowBytes) + 1] = (rows[i] ?? 0) - above;
  }
  return filtered;
}

/** Writes one PDF of numbered objects, as the common writers do. Offsets are those of bytes, text being Latin-1. */
export class PdfWriter {
  readonly #structure: Structure;
  readonly #pieces: Buffer[] = [];
  readonly #entries = new Map<number, Entry>();
  #packed: { num: number; text: string }[] = [];
  #size = 0;
  #next = 1;

  constructor(structure: Structure) {
    this.#structure = structure;
    this.#write(`%PDF-${structure === "table" ? "1.4" : "1.7"}\n%\xe2\xe3\xcf\xd3\n`);
  }

  /** How many numbers are used. */
  get count(): number {
    return this.#next - 1;
  }

  /** A number to be used later. */
  reserve(): number {
    return this.#next++;
  }

  object(text: string, num = this.reserve()): number {
    if (this.#structure === "stream") {
      this.#packed.push({ num, text });
      if (this.#packed.length === perObjectStream) this.#flush();
    } else this.#place(num, Buffer.from(`${num} 0 obj\n${text}\nendobj\n`, "latin1"));
    return num;
  }

  stream(entries: string, bytes: Uint8Array, num = this.reserve()): number {
    const head = `${num} 0 obj\n<< ${entries} /Length ${bytes.length} >>\nstream\n`;
    this.#place(
      num,
      Buffer.concat([Buffer.from(head, "latin1"), bytes, Buffer.from("\nendstream\nendobj\n", "latin1")]),
    );
    return num;
  }

  finish(root: number): Buffer {
    const trailer = `/Root ${root} 0 R /ID [<${"0123456789abcdef".repeat(2)}> <${"0123456789abcdef".repeat(2)}>]`;
    if (this.#structure === "table") this.#writeTable(trailer);
    else this.#writeStream(trailer);
    return Buffer.concat(this.#pieces);
  }

  #writeTable(trailer: string): void {
    const start = this.#size;
    let text = `xref\n0 ${this.#next}\n0000000000 65535 f \n`;
    for (let num = 1; num < this.#next; num++) {
      const entry = this.#entries.get(num);
      const offset = entry !== undefined && "offset" in entry ? entry.offset : 0;
      text += `${String(offset).padStart(10, "0")} 00000 n \n`;
    }
    this.#write(`${text}trailer\n<< /Size ${this.#next} ${trailer} >>\nstartxref\n${start}\n%%EOF\n`);
  }

  #writeStream(trailer: string): void {
    this.#flush();
    const own = this.reserve();
    const start = this.#size;
    const rows = Buffer.alloc(this.#next * rowBytes);
    for (let num = 1; num < this.#next; num++) {
      const entry = num === own ? { offset: start } : this.#entries.get(num);
      if (entry === undefined) continue;
      rows[num * rowBytes] = "offset" in entry ? 1 : 2;
      rows.writeUInt32BE("offset" in entry ? entry.offset : entry.stream, num * rowBytes + 1);
      rows.writeUInt16BE("offset" in entry ? 0 : entry.index, num * rowBytes + 5);
    }
    const packing = `/Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns ${rowBytes} >>`;
    this.stream(
      `/Type /XRef /W [1 4 2] /Size ${this.#next} ${trailer} ${packing}`,
      deflateSync(lessRowAbove(rows)),
      own,
    );
    this.#write(`startxref\n${start}\n%%EOF\n`);
  }

  #flush(): void {
    if (this.#packed.length === 0) return;
    const num = this.reserve();
    let header = "";
    let body = "";
    this.#packed.forEach((packed, index) => {
      header += `${packed.num} ${body.length} `;
      body += `${packed.text}\n`;
      this.#entries.set(packed.num, { stream: num, index });
    });
    const entries = `/Type /ObjStm /N ${this.#packed.length} /First ${header.length} /Filter /FlateDecode`;
    this.#packed = [];
    this.stream(entries, deflateSync(Buffer.from(header + body, "latin1")), num);
  }

  #place(num: number, bytes: Buffer): void {
    this.#entries.set(num, { offset: this.#size });
    this.#pieces.push(bytes);
    this.#size += bytes.length;
  }

  #write(text: string): void {
    const bytes = Buffer.from(text, "latin1");
    this.#pieces.push(bytes);
    this.#size += bytes.length;
  }
}
