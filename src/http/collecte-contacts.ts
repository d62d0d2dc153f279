import type { Contact } from "../actors/runtime/ports.ts";
import type { NewCollecte } from "./collecte-schema.ts";
import { type FieldError, fieldError } from "./field-errors.ts";

type AskedStep = NewCollecte["steps"][number];
type Named<T> = Exclude<T, { contact: string }>;
type AskedSignatory = Extract<AskedStep, { signatories: unknown }>["signatories"][number];

/** A collecte all of whose people stand in it with their values. */
export type PeopledCollecte = Omit<NewCollecte, "steps" | "copies"> & {
  steps: (
    | Exclude<AskedStep, { signatories: unknown } | { contact: string }>
    | { signatories: Named<AskedSignatory>[] }
  )[];
  copies: Named<NewCollecte["copies"][number]>[];
};

/** The contacts that collectes name. */
export function contactsNamed(collectes: readonly NewCollecte[]): string[] {
  const named = collectes.flatMap(({ steps, copies }): object[] => [
    ...steps.flatMap((step): object[] => ("signatories" in step ? step.signatories : [step])),
    ...copies,
  ]);
  return [...new Set(named.flatMap((one) => ("contact" in one ? [String(one.contact)] : [])))];
}

/**
 * The collecte with its contacts' values as they are now: later changes of a contact leave it as it is. `missing` are
 * contacts that the firm doesn't have, `faults` those that can't do what they are to do.
 */
export function withContacts(body: NewCollecte, contacts: ReadonlyMap<string, Contact>) {
  const missing: FieldError[] = [];
  const faults: FieldError[] = [];
  const known = (id: string, field: string): Contact | undefined => {
    const contact = contacts.get(id);
    if (contact === undefined) missing.push(fieldError(field, "contact_unknown"));
    return contact;
  };
  const signatory = (one: AskedSignatory, field: string): Named<AskedSignatory>[] => {
    if (!("contact" in one)) return [one];
    const contact = known(one.contact, field);
    if (contact === undefined) return [];
    const { firstName, lastName, email, phone } = contact;
    if (phone === undefined) faults.push(fieldError(field, "contact_phone_missing"));
    return [{ firstName, lastName, email, phone: phone ?? "", ...(one.stamp && { stamp: one.stamp }) }];
  };
  const steps = body.steps.map((step, index) => {
    if ("contact" in step) return { signatories: signatory(step, `steps/${index}/contact`) };
    if (!("signatories" in step)) return step;
    const signatories = step.signatories.flatMap((one, i) =>
      signatory(one, `steps/${index}/signatories/${i}/contact`),
    );
    twice(step.signatories, signatories, (i) =>
      faults.push(fieldError(`steps/${index}/signatories/${i}`, "email_duplicate")),
    );
    return { signatories };
  });
  const copies = body.copies.flatMap((copy, index) => {
    if (!("contact" in copy)) return [copy];
    const contact = known(copy.contact, `copies/${index}/contact`);
    return contact ? [{ email: contact.email, name: `${contact.firstName} ${contact.lastName}` }] : [];
  });
  twice(body.copies, copies, (i) => faults.push(fieldError(`copies/${i}`, "email_duplicate")));
  return { body: { ...body, steps, copies } as PeopledCollecte, missing, faults };
}

/** Tells the places of addresses that stand twice, when contacts brought them in and all are known. */
function twice(
  asked: readonly object[],
  found: readonly ({ email: string } | { member: string })[],
  tell: (place: number) => void,
): void {
  if (asked.length !== found.length || !asked.some((one) => "contact" in one)) return;
  const seen = new Set<string>();
  found.forEach((one, place) => {
    if (!("email" in one)) return;
    const { email } = one;
    if (seen.has(email.toLowerCase())) tell(place);
    seen.add(email.toLowerCase());
  });
}
