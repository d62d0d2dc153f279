import type { ByRight } from "./plan.ts";
import type { By, Instant, Person, Step } from "./state.ts";

/*
 * What the preparer may order while a collecte runs.
 */

/** The steps that are not done yet, in another order, each unsigned signatory and each unmade seal once. */
export interface ChangeOrder {
  type: "ChangeOrder";
  steps: Step[];
  by: By;
  at: Instant;
}

/** Somebody else is asked to sign in the place of a signatory. */
export interface ReplaceSignatory {
  type: "ReplaceSignatory";
  signatoryId: string;
  /** When the new one is a member of the firm. */
  memberId?: string;
  by: By;
  at: Instant;
  personal: { person: Person };
}

/** A signatory or a recipient in copy has another address than was said; an absent one stays. */
export interface CorrectPerson {
  type: "CorrectPerson";
  personId: string;
  by: By;
  at: Instant;
  personal: { email?: string; phone?: string };
}

/** By hand, or `scheduled` by the calendar; the law judges whether it is time. */
export interface RemindSignatories {
  type: "RemindSignatories";
  scheduled?: true;
  by?: By;
  at: Instant;
}

export interface CancelCollecte extends ByRight {
  type: "CancelCollecte";
  by: By;
  at: Instant;
  personal: { reason: string };
}

/** After too many wrong codes. */
export interface UnlockSignatory {
  type: "UnlockSignatory";
  signatoryId: string;
  by: By;
  at: Instant;
}

/** A signature or seal that failed for good is tried once more: its cause is mended. */
export interface RetrySigning {
  type: "RetrySigning";
  by: By;
  at: Instant;
}

export type PreparerCommand =
  | ChangeOrder
  | ReplaceSignatory
  | CorrectPerson
  | RemindSignatories
  | CancelCollecte
  | UnlockSignatory
  | RetrySigning;
