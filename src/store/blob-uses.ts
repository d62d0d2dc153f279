import type { EventRow } from "../actors/runtime/ports.ts";

/** Who names a blob, and as what: a document, or, without an id, an evidence file. */
export interface BlobUse {
  sha256: string;
  actorId: string;
  documentId: string;
}

interface Named {
  documents?: { id: string; sha256?: string; after?: string }[];
  sha256?: string;
}

/**
 * The blobs that these events of collectes name. Written with the events, so that at no time a collecte has a document
 * that a purge elsewhere could take for nobody's.
 */
export function usesIn(events: readonly EventRow[]): BlobUse[] {
  return events.flatMap(({ actorId, type, data }): BlobUse[] => {
    const { documents = [], sha256 } = data as Named;
    switch (type) {
      case "CollecteCreated":
      case "DraftRevised":
        return documents.map((each) => ({ sha256: each.sha256 ?? "", actorId, documentId: each.id }));
      case "SignatureApplied":
      case "SealApplied":
        return documents.map((each) => ({ sha256: each.after ?? "", actorId, documentId: each.id }));
      case "EvidenceFiled":
        return [{ sha256: sha256 ?? "", actorId, documentId: "" }];
      default:
        return [];
    }
  });
}
