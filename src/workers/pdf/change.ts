/**
 * What happened to a document, in one word: nothing; only what further signatures need; such signatures, and one of them
 * takes up room on a page that was signed without it; fields of its form were filled; annotations were added; or
 * anything else.
 */
export type ChangedAfter =
  | "nothing"
  | "signatures-only"
  | "signatures-shown"
  | "forms-filled"
  | "annotated"
  | "other";

/** What one revision did, or several together. */
export interface Change {
  /** Something that neither signing, nor filling a form, nor annotating needs. */
  readonly other: boolean;
  /** A signature field was added or signed; evidence (DSS, document timestamps) is no signature. */
  readonly signed: boolean;
  /** A signature field was added that takes up room. */
  readonly shown: boolean;
  readonly annotated: boolean;
  /** Full names of the fields that were there and got another value. */
  readonly filled: readonly string[];
  /** Full names of the signature fields that were there and got their signature. */
  readonly signedFields: readonly string[];
}

/** What happens to a document that nobody touches. */
export const noChange: Change = {
  other: false,
  signed: false,
  shown: false,
  annotated: false,
  filled: [],
  signedFields: [],
};

/** What happens to a document that nobody can vouch for. */
export const unknownChange: Change = { ...noChange, other: true };

/** Both changes, one after the other. */
export function together(a: Change, b: Change): Change {
  return {
    other: a.other || b.other,
    signed: a.signed || b.signed,
    shown: a.shown || b.shown,
    annotated: a.annotated || b.annotated,
    filled: [...new Set([...a.filled, ...b.filled])],
    signedFields: [...new Set([...a.signedFields, ...b.signedFields])],
  };
}

/** The gravest that a change holds; `isAny` tells whether there was a revision at all. */
export function wordFor(change: Change, isAny: boolean): ChangedAfter {
  if (change.other) return "other";
  if (change.annotated) return "annotated";
  if (change.filled.length > 0) return "forms-filled";
  if (change.shown) return "signatures-shown";
  return isAny ? "signatures-only" : "nothing";
}
