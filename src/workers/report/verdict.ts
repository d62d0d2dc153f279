/** EN 319 102-1 §5.1.3. */
export type Verdict = "TOTAL-PASSED" | "INDETERMINATE" | "TOTAL-FAILED";

/** A verdict, and why, in the words of EN 319 102-1 tables 5 and 6. */
export type Indication = "TOTAL-PASSED" | `TOTAL-FAILED/${Failure}` | `INDETERMINATE/${Doubt}`;

type Failure = "FORMAT_FAILURE" | "HASH_FAILURE" | "SIG_CRYPTO_FAILURE" | "REVOKED";

type Doubt =
  | "SIG_CONSTRAINTS_FAILURE"
  | "CHAIN_CONSTRAINTS_FAILURE"
  | "CRYPTO_CONSTRAINTS_FAILURE"
  | "CERTIFICATE_CHAIN_GENERAL_FAILURE"
  | "NO_SIGNING_CERTIFICATE_FOUND"
  | "NO_CERTIFICATE_CHAIN_FOUND"
  | "OUT_OF_BOUNDS_NO_POE"
  | "REVOKED_NO_POE"
  | "REVOKED_CA_NO_POE"
  | "SIGNED_DATA_NOT_FOUND"
  | "TRY_LATER"
  | "GENERIC";

// What leaves a signature undecided for want of knowledge. All that is not named here is proof against it, and speaks of
// its form, but for the few of `failures`.
const doubts: Readonly<Record<string, Doubt>> = {
  shown_after_signing: "SIG_CONSTRAINTS_FAILURE",
  annotated_after_signing: "SIG_CONSTRAINTS_FAILURE",
  forms_filled: "SIG_CONSTRAINTS_FAILURE",
  cms_not_der: "SIG_CONSTRAINTS_FAILURE",
  ess_missing: "SIG_CONSTRAINTS_FAILURE",
  signer_count: "SIG_CONSTRAINTS_FAILURE",
  unsigned_attribute_unknown: "SIG_CONSTRAINTS_FAILURE",
  timestamp_invalid: "SIG_CONSTRAINTS_FAILURE",
  timestamp_untrusted: "SIG_CONSTRAINTS_FAILURE",
  subfilter_unsupported: "GENERIC",
  no_certificate_chain_found: "NO_CERTIFICATE_CHAIN_FOUND",
  chain_untrusted: "NO_CERTIFICATE_CHAIN_FOUND",
  certificate_expired: "OUT_OF_BOUNDS_NO_POE",
  certificate_not_yet_valid: "OUT_OF_BOUNDS_NO_POE",
  certificate_revoked_no_proof: "REVOKED_NO_POE",
  authority_revoked: "REVOKED_CA_NO_POE",
  issuer_not_authority: "CHAIN_CONSTRAINTS_FAILURE",
  path_too_long: "CHAIN_CONSTRAINTS_FAILURE",
  key_usage: "CHAIN_CONSTRAINTS_FAILURE",
  critical_extension: "CHAIN_CONSTRAINTS_FAILURE",
  certificate_unaccounted: "CERTIFICATE_CHAIN_GENERAL_FAILURE",
  key_too_weak: "CRYPTO_CONSTRAINTS_FAILURE",
  algorithm_weak: "CRYPTO_CONSTRAINTS_FAILURE",
  imprint_unsupported: "CRYPTO_CONSTRAINTS_FAILURE",
  not_for_timestamping: "CHAIN_CONSTRAINTS_FAILURE",
  algorithm_unsupported: "CRYPTO_CONSTRAINTS_FAILURE",
  signer_certificate_missing: "NO_SIGNING_CERTIFICATE_FOUND",
};

const failures: Readonly<Record<string, Failure>> = {
  digest_mismatch: "HASH_FAILURE",
  imprint_mismatch: "HASH_FAILURE",
  signature_invalid: "SIG_CRYPTO_FAILURE",
  certificate_revoked: "REVOKED",
};

const passed = "TOTAL-PASSED";

/** The indication of one signature: failures before doubts, and the first of either. */
export function indicationOf(problems: readonly string[]): Indication {
  const failure = problems.find((problem) => doubts[problem] === undefined);
  if (failure !== undefined) return `TOTAL-FAILED/${failures[failure] ?? "FORMAT_FAILURE"}`;
  const [doubt] = problems;
  return doubt === undefined ? passed : `INDETERMINATE/${doubts[doubt] ?? "GENERIC"}`;
}

/** The indication of a document's own problem: what cannot be read, or what nobody signed, proves nothing. */
export function indicationOfDocument(problems: readonly string[]): Indication {
  const [problem] = problems;
  if (problem === undefined) return passed;
  return problem === "no_signature" || problem === "document_unreadable"
    ? "INDETERMINATE/SIGNED_DATA_NOT_FOUND"
    : "INDETERMINATE/GENERIC";
}

/** The main indication. */
export function verdictOf(indication: Indication): Verdict {
  if (indication.startsWith("TOTAL-FAILED")) return "TOTAL-FAILED";
  return indication === passed ? passed : "INDETERMINATE";
}

/** The gravest of several: a document is as bad as its worst part. */
export function worstOf(indications: readonly Indication[]): Indication {
  const of = (verdict: Verdict) => indications.find((one) => verdictOf(one) === verdict);
  return of("TOTAL-FAILED") ?? of("INDETERMINATE") ?? passed;
}
