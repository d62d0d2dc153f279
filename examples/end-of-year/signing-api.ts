import type { ApiClient } from "./api-client.ts";
import type { ApiDocument } from "./firm-api.ts";

/** What a link gives access to. */
export interface SigningSession {
  session: string;
  purpose: "sign" | "download";
  expiresAt: string;
}

/** What a signatory is shown. */
export interface SigningView {
  title: string;
  documents: ApiDocument[];
  /** The code that was sent to this session and still waits for an answer. */
  otp?: { id: string };
}

/** What a signatory's browser does. */
export interface SigningApi {
  openSession(token: string): Promise<SigningSession>;
  view(session: string): Promise<SigningView>;
  document(session: string, documentId: string): Promise<Buffer>;
  /** Ticks the box for the documents with these digests; a code leaves by SMS. */
  consent(session: string, documents: string[]): Promise<{ otpId: string; expiresAt: string }>;
  sign(session: string, code: string, otpId: string): Promise<{ status: string }>;
  refuse(session: string, reason?: string): Promise<unknown>;
}

/** The signatory's side of the API. */
export function createSigningApi(api: ApiClient): SigningApi {
  const post = <T>(path: string, body: object, bearer?: string): Promise<T> =>
    api.json<T>({
      method: "POST",
      path: `/v1/signing/${path}`,
      body,
      ...(bearer !== undefined && { bearer }),
    });
  return {
    openSession: (token) => post("sessions", { token }),
    view: (bearer) => api.json({ method: "GET", path: "/v1/signing", bearer }),
    document: (bearer, id) => api.bytes({ method: "GET", path: `/v1/signing/documents/${id}`, bearer }),
    consent: (bearer, documents) => post("consent", { documents }, bearer),
    sign: (bearer, code, otpId) => post("sign", { code, otpId }, bearer),
    refuse: (bearer, reason) => post("refuse", reason === undefined ? {} : { reason }, bearer),
  };
}
