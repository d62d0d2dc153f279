import { isCountryAllowed } from "../actors/runtime/phone-country.ts";
import type { FirmSettings, Member } from "../actors/runtime/ports.ts";
import type { PeopledCollecte } from "./collecte-contacts.ts";
import { type FieldError, fieldError } from "./field-errors.ts";
import { Problem } from "./problem.ts";

/** Throws `invalid_request` for somebody who comes, or has another phone, when the firm sends no codes there. */
export function mustBeAllowed(settings: FirmSettings, phone: string | undefined, field: string): void {
  const code = "phone_country_not_allowed";
  if (phone === undefined || isCountryAllowed(settings, phone)) return;
  throw new Problem("invalid_request", { errors: [fieldError(field, code)] });
}

/** Signatories to whose phones the firm sends no codes: better told now than when they want to sign. */
export function countryFaults(
  { steps }: PeopledCollecte,
  members: ReadonlyMap<string, Member>,
  settings: FirmSettings,
): FieldError[] {
  const code = "phone_country_not_allowed";
  const faultOf = (field: string, phone: string): FieldError[] =>
    isCountryAllowed(settings, phone) ? [] : [fieldError(field, code)];
  const ofMember = (field: string, id: string) => {
    const phone = members.get(id)?.phone;
    return phone === undefined ? [] : faultOf(field, phone);
  };
  return steps.flatMap((step, i) => {
    if ("signatories" in step)
      return step.signatories.flatMap((one, j) => {
        const at = `steps/${i}/signatories/${j}`;
        return "member" in one ? ofMember(`${at}/member`, one.member) : faultOf(`${at}/phone`, one.phone);
      });
    return "member" in step ? ofMember(`steps/${i}/member`, step.member) : [];
  });
}
