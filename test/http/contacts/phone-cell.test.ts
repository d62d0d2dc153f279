import { expect } from "chai";
import type { Cell } from "../../../src/actors/runtime/ports.ts";
import { readPhoneCell } from "../../../src/http/contacts/phone-cell.ts";

const number = (value: number): Cell => ({ number: value, shown: String(value) });

describe("a mobile in a cell", () => {
  for (const [cell, country, e164, isMended] of [
    ["06 12 34 56 78", "FR", "+33612345678", false],
    ["612345678", "FR", "+33612345678", false],
    [number(612345678), "FR", "+33612345678", true],
    [number(33612345678), "FR", "+33612345678", true],
    ["32470123456", "FR", "+32470123456", true],
    [number(470123456), "BE", "+32470123456", true],
    [number(612345678), "ES", "+34612345678", true],
    ["3,3612345678E+10", "FR", "+33612345678", false],
    ["6.12345678E8", "FR", "+33612345678", false],
  ] as const) {
    it(`${JSON.stringify(cell)} in ${country} is ${e164}`, () => {
      expect(readPhoneCell(cell, country)).to.deep.equal({ ok: true, e164, ...(isMended && { isMended }) });
    });
  }

  for (const [what, cell, code] of [
    ["one that New Caledonia has as well", number(687751234), "phone_ambiguous"],
    ["a mistyped one that would be a foreign one", "690748699", "phone_ambiguous"],
    ["one whose last digits are gone", "3.3612E+10", "phone_digits_lost"],
    ["one that is too round to be whole", number(33612000000), "phone_digits_lost"],
    ["a landline", number(123456789), "phone_not_mobile"],
    ["too few digits", number(6123), "phone_too_short"],
    ["a fraction", number(0.5), "phone_not_a_number"],
    ["a negative number", number(-612345678), "phone_not_a_number"],
    ["an error", { error: "#N/A" }, "cell_error"],
  ] as const) {
    it(`is refused as ${code}: ${what}`, () => {
      expect(readPhoneCell(cell, "FR")).to.deep.equal({ ok: false, code });
    });
  }
});
