import type { JsonValue } from "./json.ts";

/** What an answer of the gateway means for the SMS. */
export type Meaning = "accepted" | "refused" | "retry" | "doubtful";

/** Fits an answer by its status, or by what is at a JSON pointer of its body, or by both. */
export interface AnswerRule {
  means: Meaning;
  status?: readonly number[];
  at?: string;
  is?: readonly string[];
}

/** How receipts come in by HTTP, and what shows that they are the gateway's. */
export interface ReceiptDescription {
  secret:
    | { kind: "path"; value: string }
    | { kind: "header"; header: string; value: string }
    /** HMAC-SHA-256 of the body as it came. */
    | { kind: "hmac"; header: string; value: string; encoding: "hex" | "base64"; prefix: string };
  /** Where the list is of a gateway that sends several in one call; else the body is one receipt. */
  list?: string;
  reference: string;
  /** Whether the reference is the one that the gateway gave, or ours. */
  names: "theirs" | "ours";
  status: string;
  delivered: readonly string[];
  failed: readonly string[];
}

/** A call of an HTTP gateway. `{to}`, `{text}`, `{reference}`, `{from}` and `{encoding}` stand in strings of `body` and `headers`. */
export interface HttpDescription {
  name: string;
  kind: "http";
  url: string;
  method: "GET" | "POST" | "PUT";
  headers: Readonly<Record<string, string>>;
  /** How the body travels; `query`: behind the URL. */
  content: "json" | "form" | "query";
  body: JsonValue;
  from: string;
  /** `+33612345678` or `33612345678`. */
  numbers: "plus" | "digits";
  /** What `{encoding}` says. */
  encodings: { readonly gsm7: string; readonly ucs2: string };
  /** JSON pointer to the reference in the answer. */
  reference?: string;
  /** The first that fits counts; then what HTTP says. */
  answers: readonly AnswerRule[];
  /** Whether `{reference}` makes the gateway answer a second request as the first, without a second SMS. */
  knowsKeys: boolean;
  /** In the operator's own network: any address, and http. */
  isPrivate: boolean;
  timeoutMs: number;
  receipts?: ReceiptDescription;
}
