import { type LookupAddress, lookup as resolveName } from "node:dns";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { Terminal } from "../runtime/errors.ts";
import { isLoopback, isPublic } from "./public-address.ts";

/** `resolve` is for tests. */
export interface GuardOptions {
  /** In test mode: http and https to this machine. */
  mayLoop: boolean;
  /** To anywhere, by http too: for addresses that the operator chose inside their own network. */
  isTrusted?: boolean;
  resolve?: typeof resolveName;
}

/** Judges where a connection may go that others have named: `Terminal("outgoing_address_refused")`. */
export interface Guard {
  /** `mayLeave`: what is sent is encrypted, or need not be; else it stays on this machine. */
  judge(host: string, mayLeave: boolean): void;
  /**
   * Connects to the very address that was looked up and judged: a name that changes its answer meets no second
   * lookup. What is an address already is never looked up: `judge` it.
   */
  lookup(mayLeave: boolean): LookupFunction;
}

export function createGuard({ mayLoop, isTrusted = false, resolve = resolveName }: GuardOptions): Guard {
  function judgeAddress(address: string, mayLeave: boolean): void {
    const isAllowed = isLoopback(address) ? mayLoop : isPublic(address) && mayLeave;
    if (!isAllowed && !isTrusted) throw new Terminal("outgoing_address_refused");
  }

  return {
    judge(host, mayLeave) {
      const bare = host.replace(/^\[|\]$/g, "");
      if (isIP(bare) !== 0) judgeAddress(bare, mayLeave);
    },
    lookup:
      (mayLeave) =>
      (name, { all, family, hints }, callback) => {
        const asked = { all: true as const, family: family ?? 0, hints: hints ?? 0 };
        resolve(name, asked, (error, addresses: LookupAddress[]) => {
          const [first] = addresses ?? [];
          if (error || first === undefined) return callback(error ?? new Error("no address"), "");
          try {
            for (const { address } of addresses) judgeAddress(address, mayLeave);
          } catch (refusal) {
            return callback(refusal as Error, "");
          }
          if (all) return callback(null, addresses);
          return callback(null, first.address, first.family);
        });
      },
  };
}

/** A URL by https, or http where it may be plain, that names no user. Throws `Terminal("outgoing_url_refused")`. */
export function allowedUrl(url: string, mayBePlain: boolean): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isKnown = parsed?.protocol === "https:" || (mayBePlain && parsed?.protocol === "http:");
  if (parsed === undefined || !isKnown || parsed.username !== "" || parsed.password !== "")
    throw new Terminal("outgoing_url_refused");
  return parsed;
}

/** Connections for clients that make their own requests, all of them judged. */
export interface GuardedWay {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
  /** Throws `Terminal` `outgoing_url_refused` or `outgoing_address_refused`: to be called with each URL first. */
  admit(url: string): void;
  close(): void;
}

export function createGuardedWay(options: GuardOptions): GuardedWay {
  const guard = createGuard(options);
  const settings = { keepAlive: true, maxSockets: 32, maxFreeSockets: 4 };
  const http = new HttpAgent({ ...settings, lookup: guard.lookup(false) });
  const https = new HttpsAgent({ ...settings, lookup: guard.lookup(true) });
  return {
    http,
    https,
    admit(url) {
      const { hostname, protocol } = allowedUrl(url, options.mayLoop);
      guard.judge(hostname, protocol === "https:");
    },
    close() {
      http.destroy();
      https.destroy();
    },
  };
}
