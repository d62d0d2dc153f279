import { Terminal } from "../actors/runtime/errors.ts";
import type { Clock, KeyMaterial, TokenKeySpec } from "../actors/runtime/ports.ts";
import type { NewKey } from "../store/key-rows.ts";
import { authorityOwner, rootOwner, type WritableKeyring } from "../store/keyring.ts";
import type { Store } from "../store/store.ts";
import { loadKey, SignerRefused } from "../workers/signer-keys.ts";
import { type Certificate, readCertificate } from "../workers/x509/certificate.ts";
import { sameBytes } from "../workers/x509/der-reader.ts";
import { createKeyPair, createRoot, validityOf } from "../workers/x509/issue.ts";
import { findPath } from "../workers/x509/path.ts";
import { buildRequest, readRequest } from "../workers/x509/request.ts";
import { nextAuthorityName } from "./authorities.ts";
import { BroughtRefused } from "./brought-certificate.ts";
import { certifyKey, certifyNewKey } from "./certify.ts";

/** The owner of a key that waits for its certificate as an issuing authority. */
const waitingOwner = "issuing-authority/waiting";

type Authorities = Pick<Store, "keyring" | "together">;

/**
 * A new issuing authority under the root, with a new key. The old one signs no new certificates; its key stays for its
 * revocation lists until it runs out. `root` is needed when the root's key is kept elsewhere.
 */
export async function rotateAuthority(
  store: Authorities,
  clock: Clock,
  root?: KeyMaterial,
  baseUrl?: string,
): Promise<KeyMaterial> {
  const by = root ?? (await store.keyring.find(rootOwner));
  if (by === undefined) throw new Terminal("no_certificate");
  if (!sameBytes(by.certificateDer, await store.keyring.rootDer())) throw new SignerRefused("key_mismatch");
  return store.together(async ({ keyring }) => {
    const subject = await nextAuthorityName(keyring, by.certificateDer);
    const { key, notAfter } = certifyNewKey(by, subject, "issuing", new Date(clock.now()), baseUrl);
    return replace(keyring, clock, key, notAfter);
  });
}

async function replace(
  keyring: WritableKeyring,
  clock: Clock,
  key: NewKey,
  notAfter: Date,
): Promise<KeyMaterial> {
  for (const entry of await keyring.entries(authorityOwner)) {
    const isPresent = entry.revokedAt === undefined && entry.retiredAt === undefined;
    if (isPresent && clock.now() < entry.notAfter) await keyring.retire(entry.keyId);
  }
  return keyring.add(authorityOwner, key, notAfter.getTime());
}

/** Makes a key here and a request for its certificate, in DER; asked again, the key is a new one. */
export async function requestAuthority(store: Authorities, clock: Clock): Promise<Uint8Array> {
  return store.together(async ({ keyring }) => {
    const subject = await nextAuthorityName(keyring, await keyring.rootDer());
    const keys = createKeyPair("P-384");
    const validity = validityOf("one-use", new Date(clock.now()), 24 * 365);
    // The keyring keeps certificates: until the true one comes, the key certifies itself.
    const certificateDer = createRoot(subject, keys, validity);
    const pkcs8 = keys.privateKey.export({ type: "pkcs8", format: "der" });
    for (const before of await keyring.entries(waitingOwner)) await keyring.retire(before.keyId);
    await keyring.add(waitingOwner, { pkcs8, certificateDer, chainDer: [] }, validity.notAfter.getTime());
    return buildRequest(subject, keys.publicKeyDer, keys.privateKey);
  });
}

/** What the holder of the root's key answers to a request: an issuing authority's certificate. Needs no store. */
export function certifyAuthority(
  root: KeyMaterial,
  requestDer: Uint8Array,
  clock: Clock,
  baseUrl?: string,
): Uint8Array {
  const { subject, publicKeyDer } = readRequest(requestDer);
  const validity = validityOf("issuing", new Date(clock.now()));
  return certifyKey(root, subject, publicKeyDer, "issuing", validity, baseUrl);
}

/**
 * Puts a certified authority in the place of the present one: of the key that waits, or of one in a token. The first
 * certificate is its own, the others lead to its root: the engine's, or another authority's, which then is the anchor.
 */
export async function installAuthority(
  store: Authorities,
  clock: Clock,
  certificatesDer: readonly Uint8Array[],
  token?: TokenKeySpec,
): Promise<KeyMaterial> {
  const [own, ...others] = certificatesDer.map((der) => readCertificate(der));
  if (own === undefined) throw new BroughtRefused("certificate_missing");
  const root = readCertificate(await store.keyring.rootDer());
  const { chainDer, anchor } = chainOf(own, others, root, new Date(clock.now()));
  const placed = {
    certificateDer: own.der,
    chainDer,
    ...(anchor.sha256 !== root.sha256 && { anchorDer: anchor.der }),
  };
  return store.together(async ({ keyring }) => {
    const key: NewKey = token
      ? { pkcs11: token, ...placed }
      : { pkcs8: await waitingKey(keyring), ...placed };
    loadKey({ keyId: "", ...key });
    for (const { keyId } of await keyring.entries(waitingOwner)) await keyring.retire(keyId);
    return replace(keyring, clock, key, own.notAfter);
  });
}

function chainOf(own: Certificate, others: readonly Certificate[], root: Certificate, at: Date) {
  const isSelfIssued = ({ subjectDer, issuerDer }: Certificate) => sameBytes(subjectDer, issuerDer);
  const { chain, problems } = findPath(own, others, [root, ...others.filter(isSelfIssued)], at);
  // A path judges its first certificate as a signer's, which an authority's is not.
  const [problem] = problems.filter((code) => code !== "key_usage");
  if (problem !== undefined) throw new BroughtRefused(problem);
  if (!own.isCa || own.keyUsage?.includes("cRLSign") === false) {
    throw new BroughtRefused("issuer_not_authority");
  }
  if (chain.some(({ keyUsage }) => keyUsage?.includes("keyCertSign") === false)) {
    throw new BroughtRefused("issuer_not_authority");
  }
  // There is a signer's certificate below, which the path did not count.
  if (chain.some(({ pathLength }, index) => pathLength !== undefined && index > pathLength)) {
    throw new BroughtRefused("path_too_long");
  }
  return { chainDer: chain.slice(1, -1).map(({ der }) => der), anchor: chain.at(-1) ?? root };
}

async function waitingKey(keyring: WritableKeyring): Promise<Uint8Array> {
  const key = await keyring.find(waitingOwner);
  if (key?.pkcs8 === undefined) throw new SignerRefused("key_unusable");
  return key.pkcs8;
}
