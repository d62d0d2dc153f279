import type {
  Delegation,
  Member,
  MemberCertificates,
  MemberSession,
} from "../../../src/actors/runtime/ports.ts";
import { createStaff } from "../../../src/identity/staff.ts";
import type { Made, People } from "../../../src/store/people.ts";
import type { Additions } from "../../../src/store/store.ts";

/** Members, delegations and sessions in memory, under the real rules. */
export function memoryPeople(given: Member[], clock: { now(): number }) {
  const members = new Map<string, Made<Member>>();
  for (const value of given) members.set(value.id, { value, fingerprint: null });
  const delegations = new Map<string, Made<Delegation>>();
  const sessions = new Map<string, MemberSession>();
  const all = () => [...delegations.values()].map(({ value }) => value);
  const change = (which: (one: Delegation) => boolean, changes: Partial<Delegation>) => {
    for (const made of delegations.values())
      if (made.value.revokedAt === undefined && which(made.value)) made.value = { ...made.value, ...changes };
  };
  const isExpert = (id: string) => {
    const one = members.get(id)?.value;
    return one?.role === "expert" && one.leftAt === undefined;
  };
  const ofFirm = <T extends { firmId: string }>(made: Made<T> | undefined, firmId: string) =>
    made?.value.firmId === firmId ? made : undefined;

  const people: People = {
    members: async (firmId) =>
      [...members.values()].map(({ value }) => value).filter((one) => one.firmId === firmId),
    member: async (firmId, id) => ofFirm(members.get(id), firmId),
    anyMember: async (id) => members.get(id)?.value,
    membersBoundTo: async () => [],
    unboundMembers: async () => [],
    bind: async () => undefined,
    addMember: async (value, { fingerprint = null }) => void members.set(value.id, { value, fingerprint }),
    putMember: async (value) =>
      void members.set(value.id, { fingerprint: null, ...members.get(value.id), value }),
    delegations: async (firmId) => all().filter((one) => one.firmId === firmId),
    delegation: async (firmId, id) => ofFirm(delegations.get(id), firmId),
    delegationsTo: async (firmId, memberId) =>
      all().filter(
        (one) =>
          one.firmId === firmId &&
          one.memberId === memberId &&
          one.revokedAt === undefined &&
          isExpert(one.expertId),
      ),
    addDelegation: async (value, { fingerprint = null }) =>
      void delegations.set(value.id, { value, fingerprint }),
    revokeDelegation: async (id, revokedBy, revokedAt) =>
      change((one) => one.id === id, { revokedBy, revokedAt }),
    revokeDelegationsOf: async (id, revokedBy, revokedAt) =>
      change((one) => one.expertId === id || one.memberId === id, { revokedBy, revokedAt }),
    revokeDelegationsFrom: async (id, revokedBy, revokedAt) =>
      change((one) => one.expertId === id, { revokedBy, revokedAt }),
  };
  const memberSessions = {
    use: async (hash: string) => sessions.get(hash),
    end: async (id: string) => {
      for (const [hash, session] of sessions) if (session.id === id) sessions.delete(hash);
    },
    endOf: async (memberId: string) => {
      for (const [hash, session] of sessions) if (session.memberId === memberId) sessions.delete(hash);
    },
  };
  const memberCertificates: MemberCertificates = {
    of: async () => [],
    issue: async () => Promise.reject(new Error("no certificates are made here")),
    revoke: async () => false,
  };
  const keyring = { entries: async () => [] };
  const additions = { people, memberSessions, keyring } as unknown as Additions;
  const staff = createStaff(
    { people, keyring: additions.keyring, together: (work) => work(additions) },
    clock,
  );
  return {
    staff,
    memberSessions,
    memberCertificates,
    sessions,
    member: (id: string) => members.get(id)?.value,
  };
}
