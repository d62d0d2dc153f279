import type { ApiClient } from "./api-client.ts";

/** A document as the engine names it; `sha256` is that of its bytes now, in hex. */
export interface ApiDocument {
  id: string;
  sha256: string;
  bytes?: number;
  pages?: number;
}

/** What a firm asks for: steps in order, each one person, several, a contact, a member, or the firm's seal. */
export interface CollecteOrder {
  title: string;
  message?: string;
  language?: "fr" | "en";
  documents: string[];
  steps: (
    | { signatories: { firstName: string; lastName: string; email: string; phone: string }[] }
    | { contact: string }
    | { member: string }
    | { seal: true }
  )[];
  copies?: { email: string; name?: string }[];
}

/** A collecte as its firm sees it, with its record. */
export interface ApiCollecte {
  id: string;
  state: "draft" | "launched" | "completed" | "refused" | "expired" | "cancelled" | "purged";
  /** While it is launched: nobody can sign later. */
  expiresAt?: string;
  steps: ({ signatories: { id: string; status: string }[] } | { seal: true; key: number })[];
  documents: ApiDocument[];
  history: unknown[];
}

/** What a firm's own program can do with its API key. */
export interface FirmApi {
  addDocument(pdf: Uint8Array): Promise<ApiDocument>;
  createCollecte(order: CollecteOrder): Promise<ApiCollecte>;
  launch(collecteId: string): Promise<unknown>;
  collecte(collecteId: string): Promise<ApiCollecte>;
  /** All that is left to do, in a new order. */
  changeOrder(
    collecteId: string,
    steps: ({ signatories: string[] } | { seal: true; key: number })[],
  ): Promise<unknown>;
  /** Tells those whose turn it is again; the deadline moves by 15 days. */
  remind(collecteId: string): Promise<unknown>;
  /** Who did what and when, in French. */
  summary(collecteId: string): Promise<{ lines: { type: string; text: string; details: string[] }[] }>;
  /** The bytes as they are now, signatures included. */
  document(collecteId: string, documentId: string): Promise<Buffer>;
  /** The evidence file; it is made soon after the end, and refused with `evidence_pending` until then. */
  evidence(collecteId: string): Promise<Buffer>;
  /** In test mode: lets time pass for the whole engine, and answers what time it is. */
  letPass(seconds: number): Promise<{ now: string }>;
}

/** The firm's side of the API; `apiKey` is the `ck_…` that `collecte firm create` printed. */
export function createFirmApi(api: ApiClient, apiKey: string): FirmApi {
  const bearer = apiKey;
  return {
    addDocument: (pdf) => api.json({ method: "POST", path: "/v1/documents", bearer, body: pdf }),
    createCollecte: (order) => api.json({ method: "POST", path: "/v1/collectes", bearer, body: order }),
    launch: (id) => api.json({ method: "POST", path: `/v1/collectes/${id}/launch`, bearer }),
    changeOrder: (id, steps) =>
      api.json({ method: "PUT", path: `/v1/collectes/${id}/steps`, bearer, body: { steps } }),
    remind: (id) => api.json({ method: "POST", path: `/v1/collectes/${id}/reminders`, bearer }),
    summary: (id) => api.json({ method: "GET", path: `/v1/collectes/${id}/summary`, bearer }),
    collecte: (id) => api.json({ method: "GET", path: `/v1/collectes/${id}`, bearer }),
    document: (id, documentId) =>
      api.bytes({ method: "GET", path: `/v1/collectes/${id}/documents/${documentId}`, bearer }),
    evidence: (id) => api.bytes({ method: "GET", path: `/v1/collectes/${id}/evidence`, bearer }),
    letPass: (seconds) => api.json({ method: "POST", path: "/v1/test/clock", bearer, body: { seconds } }),
  };
}
