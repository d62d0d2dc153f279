import { randomBytes, timingSafeEqual } from "node:crypto";
import { XMLParser } from "fast-xml-parser";
import { Retryable } from "../actors/runtime/errors.ts";
import type { ProvenPerson, SignInProvider } from "../actors/runtime/ports.ts";

export interface CasSettings {
  /** Where its `/login` and `/p3/serviceValidate` are. */
  readonly url: string;
  /** Which attribute has the address; the provider vouches for it. */
  readonly emailAttribute: string;
  /** Which attribute has the id of the firm, if one has. */
  readonly firmAttribute?: string | undefined;
}

const timeoutMs = 10_000;
const mostBytes = 64 * 1024;
const ticketForm = /^ST-[\x21-\x7e]{1,256}$/;

/** Entities are not read at all, so none can grow or fetch anything. */
const parser = new XMLParser({
  removeNSPrefix: true,
  ignoreAttributes: true,
  processEntities: false,
  parseTagValue: false,
});

/** Signs people in by CAS 3.0 (as Comptexpert does): a ticket that the server validates once, for our address only. */
export function createCas({ url, emailAttribute, firmAttribute }: CasSettings): SignInProvider {
  const base = url.replace(/\/$/, "");

  /** The service's address is the same in both steps, or the ticket is no good; its state ties it to the browser. */
  const serviceOf = (callback: string, state: string) => `${callback}?state=${state}`;

  return {
    async begin(callback) {
      const state = randomBytes(24).toString("base64url");
      const service = encodeURIComponent(serviceOf(callback, state));
      return { url: `${base}/login?service=${service}`, kept: { state } };
    },
    async finish(came, { state = "" }) {
      const ticket = came.searchParams.get("ticket") ?? "";
      if (!ticketForm.test(ticket) || !isSame(came.searchParams.get("state") ?? "", state)) return undefined;
      const service = serviceOf(`${came.origin}${came.pathname}`, state);
      const query = new URLSearchParams({ service, ticket });
      const text = await fetched(`${base}/p3/serviceValidate?${query}`);
      return personIn(text);
    },
  };

  function personIn(text: string): ProvenPerson | undefined {
    // No CAS server has need of one, and whatever it declares would be an attack.
    if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) return undefined;
    const success = field(field(parsed(text), "serviceResponse"), "authenticationSuccess");
    const subject = textOf(field(success, "user"));
    if (subject === undefined) return undefined;
    const attributes = field(success, "attributes");
    const email = textOf(field(attributes, emailAttribute));
    const firmId = firmAttribute === undefined ? undefined : textOf(field(attributes, firmAttribute));
    if (firmAttribute !== undefined && firmId === undefined) return undefined;
    return { issuer: base, subject, ...(email && { email }), ...(firmId && { firmId }) };
  }
}

function parsed(text: string): unknown {
  try {
    return parser.parse(text, true);
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

/** One value: an attribute that is there twice says nothing certain. Text with an entity is not what it seems. */
function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" && !value.includes("&") ? value : undefined;
}

async function fetched(url: string): Promise<string> {
  try {
    const response = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(timeoutMs) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    let text = "";
    for await (const part of response.body ?? []) {
      text += Buffer.from(part).toString("latin1");
      if (text.length > mostBytes) throw new Error("the answer is too long");
    }
    return Buffer.from(text, "latin1").toString("utf8");
  } catch (cause) {
    throw new Retryable("provider_unavailable", { cause });
  }
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && a.length > 0 && timingSafeEqual(a, b);
}
