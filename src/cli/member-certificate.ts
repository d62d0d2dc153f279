import type { Command } from "commander";
import { z } from "zod";
import type { Firm, Member, StaffRefusal } from "../actors/runtime/ports.ts";
import { email } from "../http/words.ts";
import { enrolMember } from "../identity/enrolment.ts";
import { livingEntry } from "../identity/revoke.ts";
import { createStaff } from "../identity/staff.ts";
import type { RevocationReason } from "../store/revocations.ts";
import type { Store } from "../store/store.ts";
import { CliFault } from "./fault.ts";
import { checkedOptions } from "./options.ts";
import { printResult } from "./print.ts";
import { reasonOption } from "./reasons.ts";
import { refuseSecond, revokeOwned } from "./revoking.ts";
import { withStore } from "./with-store.ts";

const newAddress = z.strictObject({ id: z.string().min(1), email });

/** What becomes of a member's certificate after its issue. */
export function addCertificateCommands(member: Command): Command {
  member
    .command("revoke")
    .description("revoke a member's certificate: it signs no more")
    .requiredOption("--id <id>", "the member's id")
    .addOption(reasonOption())
    .option("--json", "print one JSON object")
    .action(async ({ id, ...options }: { id: string; reason: RevocationReason; json?: boolean }) => {
      await withStore((store, clock) => revokeOwned(store, clock, id, `the member ${id}`, options));
    });
  member
    .command("renew")
    .description("give a member a new certificate, once the old one was revoked or has run out")
    .requiredOption("--id <id>", "the member's id")
    .option("--json", "print one JSON object")
    .action(renew);
  member
    .command("change-email")
    .description(
      "change a member's address: the certificate is revoked, and the member makes a new one with a code",
    )
    .requiredOption("--id <id>", "the member's id")
    .requiredOption("--email <address>")
    .option("--json", "print one JSON object")
    .action(changeEmail);
  return member;
}

async function renew({ id, json }: { id: string; json?: boolean }): Promise<void> {
  await withStore(async (store, clock, { baseUrl }) => {
    const { one, firm } = await memberAndFirm(store, id);
    await refuseSecond(store, clock, id, `the member ${id}`);
    await store.together(({ keyring }) => enrolMember(keyring, clock, firm, one, baseUrl));
    printResult({ id }, json, [`Renewed   ${one.firstName} ${one.lastName}`]);
  });
}

async function changeEmail({ json, ...options }: { json?: boolean }): Promise<void> {
  const { id, email: address } = checkedOptions(newAddress, options);
  await withStore(async (store, clock) => {
    const { firm } = await memberAndFirm(store, id);
    const before = await livingEntry(store, clock, id);
    const changed = await createStaff(store, clock).changeMember(firm.id, id, { email: address }, {});
    if (!changed.ok) throw new CliFault(refusals[changed.code] ?? changed.code);
    const isRevoked = before !== undefined && (await livingEntry(store, clock, id)) === undefined;
    printResult({ id, email: address, isRevoked }, json, [
      `Changed   ${address}`,
      ...(isRevoked
        ? ["The certificate is revoked: the member signs in and makes another, with a code."]
        : []),
    ]);
  });
}

const emailTaken = "--email: a member of this firm has this address already: one certificate a person";

const refusals: Partial<Record<StaffRefusal, string>> = {
  email_taken: emailTaken,
  member_left: "--id: this member has left the firm",
};

async function memberAndFirm(store: Store, id: string): Promise<{ one: Member; firm: Firm }> {
  const one = await store.directory.anyMember(id);
  const firm = one && (await store.directory.firm(one.firmId));
  if (!one || !firm) throw new CliFault(`--id: there is no member ${id}`);
  return { one, firm };
}

/** One certificate a person, and a person is known by their address. */
export async function refuseKnownEmail(store: Store, firmId: string, address: string): Promise<void> {
  const members = await store.directory.members(firmId);
  if (members.some((one) => one.email.toLowerCase() === address.toLowerCase()))
    throw new CliFault(emailTaken);
}
