/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number;

/** One act that a member chose: to sign all documents of a collecte, or to have the firm's seal made in them. */
export interface Choice {
  collecteId: string;
  act: "sign" | "seal";
  /** The signatory's id, or the seal's key. */
  key: string;
  /** Ordered SHA-256 (hex) of the documents as they were shown. */
  documents: string[];
  /** The member who is asked, where another one acts in their place. */
  forMemberId?: string;
}

/** What a member ticked that could not be taken as it was shown; the code is not for it. */
export interface LeftOut extends Pick<Choice, "collecteId" | "act"> {
  code: string;
}

/** Why an act was not done. */
export interface Refused {
  code: string;
  at: Instant;
}

/** What a member signs with one code. Its id is the actor's. */
export interface Session {
  status: "none" | "open" | "signed";
  firmId: string;
  memberId: string;
  /** SHA-256 (hex) of who signs what, in its order: the code is for this and nothing else. */
  digest: string;
  consentText: string;
  choices: Choice[];
  leftOut: LeftOut[];
  /** By the place of the choice. */
  refused: Record<number, Refused>;
  /** How many times acts were handed to their collectes. */
  rounds: number;
  /** Places of the choices that are being handed to their collectes. */
  inHand: number[];
  openedAt: Instant;
  otpId?: string;
  signedAt?: Instant;
  personal: { trace: Trace };
}

/** Where an act came from: evidence about a person, so encrypted at rest. */
export interface Trace {
  ip?: string;
  userAgent?: string;
}

/** Before its first event, a session is this. */
export const nothing: Session = {
  status: "none",
  firmId: "",
  memberId: "",
  digest: "",
  consentText: "",
  choices: [],
  leftOut: [],
  refused: {},
  rounds: 0,
  inHand: [],
  openedAt: 0,
  personal: { trace: {} },
};

/** How many documents one code may sign. */
export const mostDocuments = 5_000;

/** For how long after the code what failed is tried again without another one. */
const retryMs = 24 * 60 * 60_000;

/** Until when what failed may be tried again; undefined before the code. */
export function retriedUntil({ signedAt }: Pick<Session, "signedAt">): Instant | undefined {
  return signedAt === undefined ? undefined : signedAt + retryMs;
}
