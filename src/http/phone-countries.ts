import { isCountryAllowed } from "../actors/runtime/phone-country.ts";
import type { PeopledCollecte } from "./collecte-contacts.ts";
import type { LookedUp } from "./create-collecte.ts";
import type { FieldError } from "./problem.ts";
import { fieldCodes } from "./problems.ts";

/** Signatories to whose phones the firm sends no codes: better told now than when they want to sign. */
export function countryFaults({ steps }: PeopledCollecte, { members, firmSettings }: LookedUp): FieldError[] {
  const code = "phone_country_not_allowed";
  const faultOf = (field: string, phone: string): FieldError[] =>
    isCountryAllowed(firmSettings, phone) ? [] : [{ field, code, detail: fieldCodes[code] }];
  return steps.flatMap((step, i) => {
    if ("signatories" in step)
      return step.signatories.flatMap(({ phone }, j) => faultOf(`steps/${i}/signatories/${j}/phone`, phone));
    const phone = "member" in step ? members.get(step.member)?.phone : undefined;
    return phone === undefined ? [] : faultOf(`steps/${i}/member`, phone);
  });
}
