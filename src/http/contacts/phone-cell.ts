import type { Cell } from "../../actors/runtime/ports.ts";
import type { FieldCode } from "../field-errors.ts";
import { type PhoneReading, readPhone } from "../phone.ts";
import { readNumber } from "./numbers.ts";

/** `isMended`: the sheet had made a number of it, and what it meant is certain. */
export type PhoneCellReading =
  | (PhoneReading & { ok: true; isMended?: true })
  | (PhoneReading & { ok: false });

const onlyDigits = /^[1-9]\d*$/;
/** A number this round may be one whose last digits were lost on the way through a `3.3612E+10`. */
const lostDigits = 10_000n;

/** Reads a mobile from a cell in which a spreadsheet may have eaten the zero, the plus or the last digits. */
export function readPhoneCell(cell: Cell, country: string): PhoneCellReading {
  if (typeof cell === "string") {
    const number = readNumber(cell);
    if (number !== undefined) return readDigits(number, country);
    const digits = cell.replace(/[\s.\u00A0\u202F]/g, "");
    return onlyDigits.test(digits) ? readDigits(digits, country) : readPhone(cell, country);
  }
  if ("error" in cell) return { ok: false, code: "cell_error" };
  if (!Number.isSafeInteger(cell.number) || cell.number <= 0)
    return { ok: false, code: "phone_not_a_number" };
  return readDigits(String(cell.number), country, true);
}

/** Of numbers that have as many digits as one of the country. */
const looksNational: ReadonlySet<FieldCode> = new Set<FieldCode>(["phone_impossible", "phone_not_mobile"]);

/** Null: digits are lost. */
function readDigits(digits: string | null, country: string, wasNumber = false): PhoneCellReading {
  if (digits === null) return { ok: false, code: "phone_digits_lost" };
  const asIs = readPhone(digits, country);
  const withZero = readPhone(`0${digits}`, country);
  const withPlus = readPhone(`+${digits}`, country);
  const numbers = new Set([asIs, withZero, withPlus].flatMap((one) => (one.ok ? [one.e164] : [])));
  const [e164, another] = numbers;
  if (e164 === undefined) {
    return [asIs, withZero, withPlus].find((one) => !one.ok && one.code === "phone_not_mobile") ?? asIs;
  }
  // A mistyped number of this country is not to become somebody's abroad.
  const isOnlyForeign = !asIs.ok && !withZero.ok;
  if (another !== undefined || (isOnlyForeign && looksNational.has(withZero.code))) {
    return { ok: false, code: "phone_ambiguous" };
  }
  if (wasNumber && BigInt(digits) % lostDigits === 0n) return { ok: false, code: "phone_digits_lost" };
  return wasNumber || !asIs.ok ? { ok: true, e164, isMended: true } : { ok: true, e164 };
}
