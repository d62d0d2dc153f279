/** Why a token did not sign. `token_absent` and `token_failed` may pass; the others wait for a person. */
export type TokenFailureCode =
  | "pkcs11_unavailable"
  | "token_absent"
  | "token_key_missing"
  | "token_pin_refused"
  | "token_failed";

/** A PKCS#11 token, or the way to it, failed; the cause has the module's own code. */
export class TokenFailure extends Error {
  readonly code: TokenFailureCode;

  constructor(code: TokenFailureCode, options?: ErrorOptions) {
    super(code, options);
    this.code = code;
  }
}

/** What the codes of PKCS#11 2.40 §5.1 mean to us; any other is `token_failed`. */
const meanings: Readonly<Record<string, TokenFailureCode>> = {
  CKR_TOKEN_NOT_PRESENT: "token_absent",
  CKR_TOKEN_NOT_RECOGNIZED: "token_absent",
  CKR_DEVICE_REMOVED: "token_absent",
  CKR_SLOT_ID_INVALID: "token_absent",
  CKR_PIN_INCORRECT: "token_pin_refused",
  CKR_PIN_INVALID: "token_pin_refused",
  CKR_PIN_LEN_RANGE: "token_pin_refused",
  CKR_PIN_EXPIRED: "token_pin_refused",
  CKR_PIN_LOCKED: "token_pin_refused",
  CKR_USER_PIN_NOT_INITIALIZED: "token_pin_refused",
};

/** The failure behind anything that the module threw. */
export function tokenFailure(error: unknown): TokenFailure {
  if (error instanceof TokenFailure) return error;
  return new TokenFailure(meanings[ckrOf(error)] ?? "token_failed", { cause: error });
}

/** The name of the module's return value, such as CKR_PIN_INCORRECT; empty when the error holds none. */
export function ckrOf(error: unknown): string {
  return error instanceof Error ? (/\bCKR_\w+/.exec(error.message)?.[0] ?? "") : "";
}
