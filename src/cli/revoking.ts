import type { Clock } from "../actors/runtime/ports.ts";
import { livingEntry, revokeEntry } from "../identity/revoke.ts";
import type { RevocationReason } from "../store/revocations.ts";
import type { Store } from "../store/store.ts";
import { CliFault } from "./fault.ts";
import { printResult } from "./print.ts";

/** Revokes the owner's certificate and says so; `who` names the owner in a fault. */
export async function revokeOwned(
  store: Store,
  clock: Clock,
  ownerId: string,
  who: string,
  options: { reason: RevocationReason; json?: boolean },
): Promise<void> {
  const entry = await livingEntry(store, clock, ownerId);
  if (!entry) throw new CliFault(`${who} has no certificate that could be revoked`);
  const revoked = await store.together((added) => revokeEntry(added, clock, entry, options.reason));
  const note = revoked.isPublished
    ? "The key signs no more, and the revocation list says so."
    : "The key signs no more. Ask the certificate's own issuer to revoke it too.";
  printResult({ id: ownerId, serial: revoked.serialHex, isPublished: revoked.isPublished }, options.json, [
    `Revoked   ${revoked.serialHex}`,
    note,
  ]);
}

/** Throws when the owner has a living certificate: a second one waits for the first to be revoked. */
export async function refuseSecond(store: Store, clock: Clock, ownerId: string, who: string): Promise<void> {
  const entry = await livingEntry(store, clock, ownerId);
  if (!entry) return;
  const until = new Date(entry.notAfter).toISOString().slice(0, 10);
  throw new CliFault(`${who} has a certificate until ${until}: revoke it first`);
}
