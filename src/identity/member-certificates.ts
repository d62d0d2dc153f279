import { createHash } from "node:crypto";
import { Terminal } from "../actors/runtime/errors.ts";
import type { Clock, MemberCertificate, MemberCertificates } from "../actors/runtime/ports.ts";
import { type CertificateEntry, isLiving } from "../store/key-rows.ts";
import type { Store } from "../store/store.ts";
import { readCertificate } from "../workers/x509/certificate.ts";
import { enrolMember } from "./enrolment.ts";
import { livingEntry, revokeEntry } from "./revoke.ts";

/** Issues and revokes members' own certificates; `baseUrl` is where the engine publishes what it revokes. */
export function createMemberCertificates(
  store: Pick<Store, "directory" | "keyring" | "together">,
  clock: Clock,
  baseUrl?: string,
): MemberCertificates {
  return {
    of: async (memberId) => (await store.keyring.entries(memberId)).map(certificateOf),
    issue: (firmId, memberId, orderedAt) =>
      store.together(async ({ keyring }) => {
        const [firm, member] = await Promise.all([
          store.directory.firm(firmId),
          store.directory.member(firmId, memberId),
        ]);
        if (!firm || !member || member.leftAt !== undefined) throw new Terminal("member_missing");
        const entries = await store.keyring.entries(memberId);
        const made = entries.find(({ createdAt }) => createdAt >= orderedAt);
        if (made) return certificateOf(made);
        if (entries.some((entry) => isLiving(entry, clock.now()))) throw new Terminal("certificate_exists");
        return certificateOf(await enrolMember(keyring, clock, firm, member, baseUrl));
      }),
    revoke: (memberId) =>
      store.together(async (added) => {
        const entry = await livingEntry(store, clock, memberId);
        if (entry) await revokeEntry(added, clock, entry, "unspecified");
        return entry !== undefined;
      }),
  };
}

function certificateOf({
  certificateDer,
  revokedAt,
}: Pick<CertificateEntry, "certificateDer" | "revokedAt">): MemberCertificate {
  const { serialHex, notBefore, notAfter } = readCertificate(certificateDer);
  return {
    serialHex,
    sha256: createHash("sha256").update(certificateDer).digest("hex"),
    notBefore: notBefore.getTime(),
    notAfter: notAfter.getTime(),
    ...(revokedAt !== undefined && { revokedAt }),
  };
}
