import type { By } from "../actors/collecte/state.ts";
import { KeyReused } from "../actors/runtime/errors.ts";
import type {
  Changed,
  Clock,
  Delegation,
  Making,
  Member,
  NewDelegation,
  NewMember,
  Staff,
  StaffRefusal,
} from "../actors/runtime/ports.ts";
import type { Made } from "../store/people.ts";
import type { Additions, Store } from "../store/store.ts";
import { livingEntry, revokeEntry } from "./revoke.ts";

type StaffStore = Pick<Store, "people" | "keyring" | "together">;

const done = <T>(value: T): Changed<T> => ({ ok: true, value });
const refused = (code: StaffRefusal): { ok: false; code: StaffRefusal } => ({ ok: false, code });

/**
 * The people of firms: members, and what experts let them do. Each change is one transaction, and no two run at once in
 * any process, so what it reads first is still true when it writes.
 */
export function createStaff(store: StaffStore, clock: Clock): Staff {
  const { people } = store;

  async function addMember(
    added: Additions,
    firmId: string,
    making: Making,
    given: NewMember,
  ): Promise<Changed<Member>> {
    const before = await added.people.member(firmId, making.id);
    if (before) return done(madeBefore(before, making));
    if (await isTaken(added, firmId, given.email)) return refused("email_taken");
    const member: Member = { ...given, id: making.id, firmId, version: 1 };
    await added.people.addMember(member, making, clock.now());
    return done(member);
  }

  async function changeMember(
    added: Additions,
    { firmId, id, version }: Aim,
    changes: Partial<NewMember>,
    by: By,
  ): Promise<Changed<Member>> {
    const found = await present(added, firmId, id, version);
    if (!found.ok) return found;
    const before = found.value;
    const after = { ...before, ...changes, version: before.version + 1 };
    const isRenamed = after.email.toLowerCase() !== before.email.toLowerCase();
    if (isRenamed && (await isTaken(added, firmId, after.email))) return refused("email_taken");
    if (after.role !== "expert") {
      if (await isLastExpert(added, before)) return refused("last_expert");
      delete after.rollNumber;
      await added.people.revokeDelegationsFrom(id, by, clock.now());
    } else if (before.role !== "expert") {
      // What an expert may do needs nobody's leave.
      await added.people.revokeDelegationsOf(id, by, clock.now());
    }
    if (isRenamed) await revokeCertificate(added, id, "affiliationChanged");
    // Codes go to the phone: who can say which one it is must not sign with a certificate that another one confirmed.
    else if (after.phone !== before.phone) await revokeCertificate(added, id, "superseded");
    await added.people.putMember(after);
    return done(after);
  }

  async function leave(added: Additions, { firmId, id, version }: Aim, by: By): Promise<Changed<Member>> {
    const found = await present(added, firmId, id, version);
    if (!found.ok) return found;
    if (await isLastExpert(added, found.value)) return refused("last_expert");
    const now = clock.now();
    const left = { ...found.value, version: found.value.version + 1, leftAt: now };
    await added.people.putMember(left);
    await added.people.revokeDelegationsOf(id, by, now);
    await added.memberSessions.endOf(id);
    await revokeCertificate(added, id, "cessationOfOperation");
    return done(left);
  }

  async function delegate(
    added: Additions,
    firmId: string,
    making: Making,
    given: NewDelegation,
  ): Promise<Changed<Delegation>> {
    const before = await added.people.delegation(firmId, making.id);
    if (before) return done(madeBefore(before, making));
    const [expert, member] = await Promise.all([
      added.people.member(firmId, given.expertId),
      added.people.member(firmId, given.memberId),
    ]);
    if (expert?.value.role !== "expert" || expert.value.leftAt !== undefined)
      return refused("expert_unknown");
    if (member?.value.role !== "collaborator" || member.value.leftAt !== undefined)
      return refused("collaborator_unknown");
    const delegation: Delegation = { ...given, id: making.id, firmId, givenAt: clock.now() };
    await added.people.addDelegation(delegation, making);
    return done(delegation);
  }

  async function revokeDelegation(
    added: Additions,
    { firmId, id }: Aim,
    by: By,
  ): Promise<Changed<Delegation>> {
    const found = await added.people.delegation(firmId, id);
    if (!found) return refused("not_found");
    if (found.value.revokedAt !== undefined) return done(found.value);
    const now = clock.now();
    await added.people.revokeDelegation(id, by, now);
    return done({ ...found.value, revokedBy: by, revokedAt: now });
  }

  async function revokeCertificate(
    { keyring, revocations }: Additions,
    memberId: string,
    reason: "affiliationChanged" | "cessationOfOperation" | "superseded",
  ): Promise<void> {
    const entry = await livingEntry({ keyring }, clock, memberId);
    if (entry) await revokeEntry({ keyring, revocations }, clock, entry, reason);
  }

  return {
    members: (firmId) => people.members(firmId),
    member: async (firmId, id) => (await people.member(firmId, id))?.value,
    addMember: (firmId, making, given) => store.together((added) => addMember(added, firmId, making, given)),
    changeMember: (firmId, id, changes, by, version) =>
      store.together((added) => changeMember(added, { firmId, id, version }, changes, by)),
    leave: (firmId, id, by, version) => store.together((added) => leave(added, { firmId, id, version }, by)),
    delegations: (firmId) => people.delegations(firmId),
    delegation: async (firmId, id) => (await people.delegation(firmId, id))?.value,
    delegationsTo: (firmId, memberId) => people.delegationsTo(firmId, memberId),
    delegate: (firmId, making, given) => store.together((added) => delegate(added, firmId, making, given)),
    revokeDelegation: (firmId, id, by) =>
      store.together((added) => revokeDelegation(added, { firmId, id }, by)),
  };
}

interface Aim {
  firmId: string;
  id: string;
  version?: number | undefined;
}

async function present(
  { people }: Pick<Additions, "people">,
  firmId: string,
  id: string,
  version: number | undefined,
): Promise<Changed<Member>> {
  const found = await people.member(firmId, id);
  if (!found) return refused("not_found");
  if (version !== undefined && found.value.version !== version) return refused("version_changed");
  return found.value.leftAt === undefined ? done(found.value) : refused("member_left");
}

/** One certificate a person, and a person is known by their address; who left has made room. */
async function isTaken(
  { people }: Pick<Additions, "people">,
  firmId: string,
  email: string,
): Promise<boolean> {
  const members = await people.members(firmId);
  return members.some((one) => one.leftAt === undefined && one.email.toLowerCase() === email.toLowerCase());
}

/** A firm without an expert could give nobody a right any more. */
async function isLastExpert({ people }: Pick<Additions, "people">, one: Member): Promise<boolean> {
  if (one.role !== "expert") return false;
  const members = await people.members(one.firmId);
  return !members.some(({ id, role, leftAt }) => id !== one.id && role === "expert" && leftAt === undefined);
}

/** Throws `KeyReused` when another request made it. */
function madeBefore<T>({ value, fingerprint }: Made<T>, making: Making): T {
  if (fingerprint !== (making.fingerprint ?? null)) throw new KeyReused();
  return value;
}
