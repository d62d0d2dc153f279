import {
  type CountryCode,
  isSupportedCountry,
  ParseError,
  type PhoneNumber,
  parsePhoneNumberWithError,
  validatePhoneNumberLength,
} from "libphonenumber-js/max";
import type { FieldCode } from "./field-errors.ts";

export type PhoneReading = { ok: true; e164: string } | { ok: false; code: FieldCode };

const parseFaults: Readonly<Record<string, FieldCode>> = {
  NOT_A_NUMBER: "phone_not_a_number",
  INVALID_COUNTRY: "phone_country_unknown",
  TOO_SHORT: "phone_too_short",
  TOO_LONG: "phone_too_long",
  INVALID_LENGTH: "phone_impossible",
};

/** 06 39 98 xx xx: mobiles that the French numbering plan gives to nobody, for films and for trials like ours. */
const keptForFiction = /^\+3363998\d{4}$/;

/**
 * Reads a mobile number as people write it and answers with E.164. A national number is read in `country`
 * (ISO 3166-1 alpha-2); a national zero after the calling code (`+33 06…`) is dropped.
 */
export function readPhone(text: string, country: string): PhoneReading {
  const parsed = parse(text, isSupportedCountry(country) ? country : undefined);
  if (typeof parsed === "string") return { ok: false, code: parsed };
  if (parsed.ext !== undefined) return { ok: false, code: "phone_extension" };
  if (keptForFiction.test(parsed.number)) return { ok: true, e164: parsed.number };
  if (!parsed.isValid()) {
    const fault = validatePhoneNumberLength(parsed.number);
    return { ok: false, code: (fault && parseFaults[fault]) ?? "phone_impossible" };
  }
  const type = parsed.getType();
  // In the United States and others, nobody can tell a mobile from a fixed line by its number.
  if (type !== "MOBILE" && type !== "FIXED_LINE_OR_MOBILE") return { ok: false, code: "phone_not_mobile" };
  return { ok: true, e164: parsed.number };
}

function parse(text: string, country: CountryCode | undefined): PhoneNumber | FieldCode {
  try {
    return parsePhoneNumberWithError(text, {
      extract: false,
      ...(country !== undefined && { defaultCountry: country }),
    });
  } catch (error) {
    if (error instanceof ParseError) return parseFaults[error.message] ?? "phone_not_a_number";
    throw error;
  }
}
