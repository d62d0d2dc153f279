import { z } from "zod";
import type { Clock, KeyMaterial } from "../actors/runtime/ports.ts";
import { rootOwner } from "../store/keyring.ts";
import { revocationReasons } from "../store/revocations.ts";
import type { Store } from "../store/store.ts";
import { readCertificate } from "../workers/x509/certificate.ts";
import { readCrl } from "../workers/x509/crl.ts";
import { sameBytes } from "../workers/x509/der-reader.ts";
import { isSignedBy } from "../workers/x509/signature-algorithm.ts";
import { authorityIdOf } from "./authority-urls.ts";
import { makeCrl } from "./crls.ts";

/** What the holder of the root's key is asked to sign: small enough to be read by a person first. */
export const crlOrder = z.strictObject({
  authority: z.string(),
  number: z.number().int().positive(),
  revoked: z.array(
    z.strictObject({
      serialHex: z.string().regex(/^([0-9a-f]{2})+$/),
      at: z.iso.datetime(),
      reason: z.enum(revocationReasons),
    }),
  ),
});
export type CrlOrder = z.infer<typeof crlOrder>;

/** A list that is not the root's, or older than the one that is published. */
export class CrlRefused extends Error {
  readonly code: "crl_not_ours" | "crl_outdated";

  constructor(code: CrlRefused["code"], options?: ErrorOptions) {
    super(code, options);
    this.code = code;
  }
}

/** The root's next list, as it should be. */
export async function orderRootCrl({
  keyring,
  revocations,
}: Pick<Store, "keyring" | "revocations">): Promise<CrlOrder> {
  const authority = authorityIdOf(await keyring.rootDer());
  const [known, all] = await Promise.all([revocations.crl(authority), revocations.of(authority)]);
  return {
    authority,
    number: (known?.number ?? 0) + 1,
    revoked: all.map(({ serialHex, at, reason }) => ({ serialHex, at: new Date(at).toISOString(), reason })),
  };
}

/** Signs such an order with the root's key, for this many days. Needs no store. */
export function signRootCrl(root: KeyMaterial, order: CrlOrder, days: number, clock: Clock): Uint8Array {
  const { authority, number, revoked } = order;
  if (authorityIdOf(root.certificateDer) !== authority) throw new CrlRefused("crl_not_ours");
  const entries = revoked.map((one) => ({ ...one, authority, at: Date.parse(one.at) }));
  return makeCrl(root, entries, number, clock.now(), days).der;
}

/** Publishes a list that was signed elsewhere. */
export async function importRootCrl(
  { keyring, together }: Pick<Store, "keyring" | "together">,
  der: Uint8Array,
): Promise<number> {
  const [entry] = await keyring.entries(rootOwner);
  if (entry === undefined) throw new CrlRefused("crl_not_ours");
  const root = readCertificate(entry.certificateDer);
  const crl = readCrl(der);
  const isOurs = sameBytes(crl.issuerDer, root.subjectDer) && isSignedBy(crl, root.publicKey);
  if (!isOurs || crl.nextUpdate === undefined) throw new CrlRefused("crl_not_ours");
  const authority = authorityIdOf(root.der);
  const number = Number(crl.number ?? 0n);
  const { nextUpdate, thisUpdate, revoked } = crl;
  await together(async ({ revocations }) => {
    const [before, all] = await Promise.all([revocations.crl(authority), revocations.of(authority)]);
    if (number <= (before?.number ?? 0) || all.some(({ serialHex }) => !revoked.has(serialHex))) {
      throw new CrlRefused("crl_outdated");
    }
    const times = { thisUpdate: thisUpdate.getTime(), nextUpdate: nextUpdate.getTime() };
    await revocations.publish(authority, { der: crl.der, number, revoked: revoked.size, ...times });
  });
  return number;
}
