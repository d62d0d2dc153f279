import { deflateSync } from "node:zlib";
import { expect } from "chai";
import fc from "fast-check";
import { decode, decodedSize } from "../../../src/workers/pdf/decoders.ts";

const NO_LIMIT = 2 ** 26;

/** LZW with codes of a byte each and a clear before the table outgrows nine bits: dull, and right by the standard. */
function dullLzw(bytes: Uint8Array): Uint8Array {
  const codes: number[] = [256];
  for (const [at, byte] of bytes.entries()) {
    if (at > 0 && at % 200 === 0) codes.push(256);
    codes.push(byte);
  }
  return packed([...codes, 257]);
}

/** Codes of nine bits each. */
function packed(codes: readonly number[]): Uint8Array {
  const bits = codes.map((code) => code.toString(2).padStart(9, "0")).join("");
  const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, "0");
  return Uint8Array.from(padded.match(/.{8}/g) ?? [], (octet) => Number.parseInt(octet, 2));
}

function ascii85(bytes: Uint8Array): Uint8Array {
  let text = "";
  for (let at = 0; at < bytes.length; at += 4) {
    const group = bytes.subarray(at, at + 4);
    let value = 0;
    for (let i = 0; i < 4; i++) value = value * 256 + (group[i] ?? 0);
    const digits = Array.from({ length: 5 }, (_, i) => Math.floor(value / 85 ** (4 - i)) % 85);
    const said = String.fromCharCode(...digits.map((digit) => digit + 33)).slice(0, group.length + 1);
    text += said === "!!!!!" ? "z" : said;
  }
  return Buffer.from(`${text}~>`);
}

function runLength(bytes: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (const byte of bytes) out.push(255, byte);
  // 255 repeats twice: half of a text of doubled bytes.
  return Uint8Array.from([...out, 128]);
}

const doubled = (bytes: Uint8Array) =>
  Uint8Array.from({ length: bytes.length * 2 }, (_, i) => bytes[i >> 1] ?? 0);

const codecs: [string, (bytes: Uint8Array) => Uint8Array, (bytes: Uint8Array) => Uint8Array][] = [
  ["FlateDecode", (bytes) => deflateSync(bytes), (bytes) => bytes],
  ["LZWDecode", dullLzw, (bytes) => bytes],
  ["ASCII85Decode", ascii85, (bytes) => bytes],
  ["ASCIIHexDecode", (bytes) => Buffer.from(`${Buffer.from(bytes).toString("hex")}>`), (bytes) => bytes],
  ["RunLengthDecode", runLength, doubled],
];

describe("the filters that pack bytes", () => {
  for (const [name, encode, expected] of codecs) {
    it(`${name} gives back what was packed, and its size without it`, () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
          const decoded = decode(name, encode(bytes), NO_LIMIT);
          expect(Buffer.from(decoded as Uint8Array).equals(expected(bytes))).to.equal(true);
          expect(decodedSize(name, encode(bytes), NO_LIMIT)).to.equal(expected(bytes).length);
        }),
        { numRuns: 50 },
      );
    });

    it(`${name} stops at a limit, and answers anything`, () => {
      const bytes = new Uint8Array(1_000).fill(7);
      expect(decodedSize(name, encode(bytes), 500)).to.equal("too far");
      expect(decode(name, encode(bytes), 500)).to.equal("too far");
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
          const [decoded, size] = [decode(name, noise, 10_000), decodedSize(name, noise, 10_000)];
          expect(decoded instanceof Uint8Array ? decoded.length : decoded).to.equal(size);
        }),
        { numRuns: 200 },
      );
    });
  }

  it("LZW repeats what it is just making, and widens its codes as the standard's example does", () => {
    const example = Buffer.from("800B6050220C0C8501", "hex");
    expect(decode("LZWDecode", example, NO_LIMIT)).to.deep.equal(
      new Uint8Array([45, 45, 45, 45, 45, 65, 45, 45, 45, 66]),
    );
  });
});
