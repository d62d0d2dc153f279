import { CliFault } from "./fault.ts";

/** What a person can do about a key or certificate that was refused, by its code. */
const words: Readonly<Record<string, string>> = {
  p12_unreadable: "this is not a PKCS#12 container that can be read",
  p12_password: "the password is wrong",
  p12_no_key: "the container holds no private key: export it with its key",
  p12_several_keys: "the container holds several private keys: export one alone",
  certificate_unreadable: "a certificate that came with the key can't be read",
  certificate_missing: "the certificate of this private key is not there",
  curve_unknown: "the key is on a curve that can't sign here: P-256, P-384 or P-521 can",
  certificate_expired: "a certificate of the chain has run out",
  certificate_not_yet_valid: "a certificate of the chain is not valid yet",
  chain_untrusted: "the issuers' certificates don't lead from the key's certificate to a root",
  no_certificate_chain_found:
    "the issuers' certificates are missing: give them with --chain or --certificate",
  issuer_not_authority: "an issuer's certificate is not that of an authority",
  path_too_long: "the chain is longer than one of its authorities allows",
  key_usage: "the certificate doesn't allow its key to sign documents",
  critical_extension: "a certificate of the chain has a critical extension that is not known here",
  key_too_weak: "a key of the chain is too weak: RSA needs 2,048 bits, EC a curve of 256",
  key_unusable: "the private key can't be used",
  key_mismatch: "the private key belongs to another certificate",
  pkcs11_unavailable: "the PKCS#11 module, or pkcs11js (an optional dependency), can't be loaded",
  token_absent: "no token with this label is there",
  token_key_missing: "the token has no private key of this label, or more than one",
  token_pin_refused: "the token refuses the PIN",
  token_failed: "the token failed",
  root_key_unreadable: "this is not the file of a root key",
  root_key_passphrase: "the passphrase is wrong, or the file was changed",
  crl_not_ours: "this list is not signed by the engine's root",
  crl_outdated: "a list of this number is published, or this one lacks a revocation: order it again",
  key_offline: "the root's key is kept elsewhere: give it with --root-key",
  der_malformed: "this is not what it should be, or it was changed",
};

/** Does what may refuse a key, and says in words why it did. */
export async function explained<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const said = words[code];
    if (said === undefined) throw error;
    throw new CliFault(`${code}: ${said}`, { cause: error });
  }
}
