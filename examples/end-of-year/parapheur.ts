import { setTimeout as pause } from "node:timers/promises";
import type { SmsSink } from "../../src/cli/sinks/sms-sink.ts";
import type { ApiClient, ApiRequest } from "./api-client.ts";

/** A line of a member's parapheur, as far as it is needed to tick it. */
export interface ParapheurItem {
  collecte: string;
  act: "sign" | "seal";
  title: string;
  documents: { id: string; sha256: string }[];
}

export interface ParapheurChoice {
  collecte: string;
  act: "sign" | "seal";
  documents: string[];
  for?: string;
}

export interface OpenedSession {
  id: string;
  otpId: string;
  documents: number;
  leftOut: { collecte: string; act: string; code: string }[];
}

export interface SessionStanding {
  id: string;
  status: "awaiting_code" | "signing" | "done";
  retriedUntil?: string;
  progress: Record<"total" | "signed" | "signing" | "waiting" | "failed" | "refused", number>;
  items: { place: number; collecte: string; status: string; code?: string }[];
}

/** What a member does in their parapheur, by a program of the firm that acts for them. */
export interface ParapheurApi {
  /** All that waits, page after page; for an expert, what waits for that one. */
  all(expertId?: string): Promise<ParapheurItem[]>;
  open(choices: ParapheurChoice[]): Promise<OpenedSession>;
  /** With the code that the phone received. */
  sign(session: OpenedSession): Promise<void>;
  read(id: string): Promise<SessionStanding>;
  retry(id: string): Promise<void>;
  /** Looks again until nothing of the session is being made. */
  finished(id: string, timeoutMs: number): Promise<SessionStanding>;
}

export interface ParapheurPlayer {
  api: ApiClient;
  apiKey: string;
  member: { id: string; phone: string };
  smses: Pick<SmsSink, "next">;
}

const sessions = "/v1/parapheur/sessions";
const lookEveryMs = 250;

export function createParapheurApi({ api, apiKey, member, smses }: ParapheurPlayer): ParapheurApi {
  const ask = <T>(method: ApiRequest["method"], path: string, body?: object): Promise<T> =>
    api.json<T>({ method, path, bearer: apiKey, actingMember: member.id, ...(body && { body }) });

  const read = (id: string) => ask<SessionStanding>("GET", `${sessions}/${id}?limit=1000`);

  return {
    async all(expertId) {
      const items: ParapheurItem[] = [];
      let cursor: string | undefined;
      do {
        const query = new URLSearchParams({
          limit: "100",
          ...(expertId !== undefined && { for: expertId }),
          ...(cursor !== undefined && { cursor }),
        });
        const page = await ask<{ items: ParapheurItem[]; nextCursor?: string }>(
          "GET",
          `/v1/parapheur?${query}`,
        );
        items.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      return items;
    },
    open: (choices) => ask("POST", sessions, { consent: true, choices }),
    async sign({ id, otpId }) {
      // The first letters of a code's id stand in its SMS.
      const sms = await smses.next(member.phone, ({ text }) => text.includes(otpId.slice(0, 4)));
      const code = /\b\d{6}\b/.exec(sms.text)?.[0];
      await ask("POST", `${sessions}/${id}/signature`, { otpId, code });
    },
    read,
    retry: (id) => ask("POST", `${sessions}/${id}/retry`),
    async finished(id, timeoutMs) {
      for (let waited = 0; ; waited += lookEveryMs) {
        const standing = await read(id);
        if (standing.status === "done" || waited >= timeoutMs) return standing;
        await pause(lookEveryMs);
      }
    },
  };
}

/** Ticks an item as it was shown. */
export function chosen({ collecte, act, documents }: ParapheurItem): ParapheurChoice {
  return { collecte, act, documents: documents.map(({ sha256 }) => sha256) };
}
