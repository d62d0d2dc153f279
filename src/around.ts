import type { Store } from "./store/store.ts";

/** What a drill may lay around each port that is joined here, by the port's name. */
export type Around = <T extends object>(name: string, port: T) => T;

export const untouched: Around = (_name, port) => port;

/** The store with what is laid around each of its ports. */
export function surrounded(store: Store, around: Around): Store {
  const { journal, reads, calendar, documents, contacts, directory, keyring, blobs, retention } = store;
  const { records, heads, keptCertificates } = store;
  return {
    ...store,
    journal: around("journal", journal),
    reads: around("reads", reads),
    calendar: around("calendar", calendar),
    documents: around("documents", documents),
    contacts: around("contacts", contacts),
    directory: around("directory", directory),
    keyring: around("keyring", keyring),
    blobs: around("blobs", blobs),
    retention: around("retention", retention),
    records: around("records", records),
    heads: around("heads", heads),
    keptCertificates: around("keptCertificates", keptCertificates),
  };
}
