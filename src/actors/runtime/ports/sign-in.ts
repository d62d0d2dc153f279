import type { Changed, Member, MemberSession } from "./members.ts";

/** Whom a provider says that somebody is. */
export interface ProvenPerson {
  /** The provider, and its own lasting name of the person. */
  issuer: string;
  subject: string;
  /** Only an address that the provider has verified. */
  email?: string;
  /** The id of the firm, where the provider says it. */
  firmId?: string;
}

/** Somewhere people sign in: OIDC or CAS. */
export interface SignInProvider {
  /** Where the browser must go, and what must be kept until it comes back to `callback`. Throws `Retryable`. */
  begin(callback: string): Promise<{ url: string; kept: Record<string, string> }>;
  /** Who came back to this address; undefined when it proves nobody. Throws `Retryable`. */
  finish(came: URL, kept: Readonly<Record<string, string>>): Promise<ProvenPerson | undefined>;
}

export type SignInMethod = "oidc" | "cas";

export type SignInRefusal = "sign_in_unknown" | "sign_in_ambiguous";

/** How members sign in. */
export interface SignIn {
  readonly providers: Readonly<Partial<Record<SignInMethod, SignInProvider>>>;
  /** Origins, beside the engine's own, that a browser may be sent back to. */
  readonly returnOrigins: readonly string[];
  /**
   * The member that this person is: by the provider's name for them once that is known; the first time by the verified
   * e-mail that they were invited with.
   */
  admit(person: ProvenPerson, firmId?: string): Promise<Changed<Member, SignInRefusal>>;
  /** A code that is good for one session of the member, for a minute, for who knows the verifier of `challenge`. */
  codeFor(memberId: string, challenge: string): Promise<string>;
  /** Its session and the session's token; undefined when the code or the verifier is no good. */
  exchange(code: string, verifier: string): Promise<{ session: MemberSession; token: string } | undefined>;
}
