import { expect } from "chai";
import fc from "fast-check";
import {
  namedBits,
  oid,
  sequence,
  setOf,
  smallInteger,
  time,
  tlv,
  unsignedInteger,
} from "../../../src/workers/x509/der.ts";
import {
  DerError,
  elements,
  readOid,
  readTime,
  readUnsigned,
  readWhole,
} from "../../../src/workers/x509/der-reader.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));

describe("the DER writer", () => {
  it("writes the examples of X.690 and RFC 5280", () => {
    expect(hex(oid("1.2.840.113549.1.7.2"))).to.equal("06092a864886f70d010702");
    expect(hex(oid("2.5.4.97"))).to.equal("0603550461");
    expect(hex(unsignedInteger(bytes("0080")))).to.equal("02020080");
    expect(hex(unsignedInteger(bytes("00")))).to.equal("020100");
    expect(hex(namedBits([0, 1]))).to.equal("030206c0");
    expect(hex(time(new Date("2049-12-31T23:59:59.900Z")))).to.equal(
      `170d${hex(Buffer.from("491231235959Z"))}`,
    );
    expect(hex(time(new Date("2050-01-01T00:00:00Z")))).to.equal(
      `180f${hex(Buffer.from("20500101000000Z"))}`,
    );
  });

  it("sorts a SET OF by its encodings", () => {
    expect(hex(setOf(smallInteger(3), smallInteger(1), smallInteger(2)))).to.equal("3109020101020102020103");
  });

  it("is read back as it was written, at every length", () => {
    for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536, 70_000]) {
      const written = tlv(0x04, new Uint8Array(length).fill(7));
      expect(readWhole(written).content).to.have.length(length);
    }
  });

  it("gives back any OID, number and time", () => {
    const arcs = fc.tuple(
      fc.constantFrom(0, 1, 2),
      fc.nat(39),
      fc.array(fc.nat(2 ** 31 - 1), { maxLength: 8 }),
    );
    fc.assert(
      fc.property(arcs, ([first, second, rest]) => {
        const dotted = [first, second, ...rest].join(".");
        expect(readOid(readWhole(oid(dotted)))).to.equal(dotted);
      }),
    );
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 127n - 1n }), (number) => {
        const digits = number.toString(16);
        const read = hex(readUnsigned(readWhole(unsignedInteger(bytes(digits.padStart(32, "0"))))));
        expect(BigInt(`0x${read}`)).to.equal(number);
      }),
    );
    const times = fc.date({ min: new Date("1950-01-01"), max: new Date("2120-01-01"), noInvalidDate: true });
    fc.assert(
      fc.property(times, (at) => {
        expect(readTime(readWhole(time(at))).getTime()).to.equal(Math.floor(at.getTime() / 1000) * 1000);
      }),
    );
  });
});

describe("the DER reader", () => {
  const refused = [
    ["an indefinite length", "30800000"],
    ["a length longer than needed", "04810100"],
    ["a long length with a zero before it", "0482008000"],
    ["a value cut short", "040201"],
    ["bytes after the end", "05000500"],
    ["a tag of several bytes", "1f8101020000"],
    ["nothing at all", ""],
  ] as const;
  for (const [what, sample] of refused) {
    it(`refuses ${what}`, () => {
      expect(() => readWhole(bytes(sample))).to.throw(DerError);
    });
  }

  it("refuses another tag than the one expected, and a padded INTEGER", () => {
    expect(() => elements(readWhole(setOf()), 0x30)).to.throw(DerError);
    expect(() => readUnsigned(readWhole(bytes("02020001")))).to.throw(DerError);
    expect(() => readUnsigned(readWhole(bytes("0201ff")))).to.throw(DerError);
  });

  it("answers any bytes with a value or a DerError, never otherwise", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (noise) => {
        try {
          elements(readWhole(sequence(noise)), 0x30);
        } catch (error) {
          expect(error).to.be.instanceOf(DerError);
        }
      }),
    );
  });
});
