import { parsePhoneNumberFromString } from "libphonenumber-js/max";
import type { FirmSettings } from "./ports.ts";

/** Whether a firm sends codes to the country of a number (E.164); a number of which nobody knows the country has none. */
export function isCountryAllowed({ smsCountries }: FirmSettings, e164: string): boolean {
  if (smsCountries === undefined) return true;
  const country = parsePhoneNumberFromString(e164)?.country;
  return country !== undefined && smsCountries.includes(country);
}
