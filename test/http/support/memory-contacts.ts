import type { Contact, Contacts } from "../../../src/actors/runtime/ports.ts";

/** An address book with one contact, `con_claire` of `frm_cabinet`: its rules are those of the store's tests. */
export function memoryContacts(): Contacts {
  const claire: Contact = {
    id: "con_claire",
    firmId: "frm_cabinet",
    firstName: "Claire",
    lastName: "Dubœuf",
    email: "claire@client.example",
    language: "fr",
    version: 1,
    createdAt: 0,
    updatedAt: 0,
  };
  const of = (firmId: string) => (firmId === claire.firmId ? [claire] : []);
  const one = (firmId: string, id: string) => of(firmId).find((contact) => contact.id === id);
  const missing = { ok: false, code: "not_found" } as const;
  return {
    find: async (firmId, ids) => of(firmId).filter(({ id }) => ids.includes(id)),
    page: async (firmId) => ({ contacts: of(firmId) }),
    add: async () => missing,
    change: async (firmId, id) => {
      const contact = one(firmId, id);
      return contact ? { ok: true, contact } : missing;
    },
    remove: async (firmId, id) => (one(firmId, id) ? "removed" : "not_found"),
    import: async (_firmId, { told }) => ({ applied: false, outcomes: [], told }),
  };
}
