import type { Request, RequestHandler } from "express";
import { ipKeyGenerator, MemoryStore, type Options, rateLimit } from "express-rate-limit";
import type { RateLimits } from "./door.ts";
import { Problem } from "./problem.ts";
import { problems } from "./problems.ts";
import type { FirmCaller, Reader } from "./route.ts";

const windowMs = 60_000;
const ipv6Prefix = 56;

/** Lets an address log in until it has failed too often; throws `rate_limited` before anything is looked up. */
export type LoginGuard = <T>(request: Request, login: () => Promise<T>) => Promise<T>;

/** One limiter per kind of caller; each counts on its own, in this process. */
export interface Limiters {
  key: RequestHandler;
  ip: RequestHandler;
  signatory: RequestHandler;
  publication: RequestHandler;
  login: LoginGuard;
}

/** `locals.caller` and `locals.reader` must be there before their limiters run. */
export function createLimiters(limits: RateLimits): Limiters {
  return {
    key: limiter(limits.perKey, (_request, response) => (response.locals["caller"] as FirmCaller).keyId),
    ip: limiter(limits.sessionsPerIp, addressOf),
    signatory: limiter(limits.perSignatory, (_request, response) => {
      const { session } = response.locals["reader"] as Reader;
      return `${session.collecteId}/${session.personId}`;
    }),
    publication: limiter(limits.publicationPerIp, addressOf),
    login: loginGuard(limits.failedLoginsPerIp),
  };
}

function addressOf(request: Request): string {
  return ipKeyGenerator(request.ip ?? "", ipv6Prefix);
}

/** `rateLimit` itself would count those under way as failed, and refuse a busy program that fails at nothing. */
function loginGuard(limit: number): LoginGuard {
  const failures = new MemoryStore();
  failures.init({ windowMs } as Options);
  return async (request, login) => {
    const address = addressOf(request);
    const failed = await failures.get(address);
    if (failed && failed.totalHits >= limit) throw rateLimited(failed.resetTime);
    try {
      return await login();
    } catch (error) {
      if (error instanceof Problem && problems[error.code].status === 401) await failures.increment(address);
      throw error;
    }
  };
}

function rateLimited(resetTime: Date | undefined): Problem {
  const left = (resetTime?.getTime() ?? Date.now() + windowMs) - Date.now();
  return new Problem("rate_limited", { facts: { retryAfterSeconds: Math.max(1, Math.ceil(left / 1000)) } });
}

function limiter(limit: number, keyGenerator: Options["keyGenerator"]): RequestHandler {
  return rateLimit({
    windowMs,
    limit,
    keyGenerator,
    standardHeaders: false,
    legacyHeaders: false,
    // The door reads X-Forwarded-For only when it is told how many proxies to trust.
    validate: false,
    handler(request, _response, next) {
      next(
        rateLimited((request as typeof request & { rateLimit?: { resetTime?: Date } }).rateLimit?.resetTime),
      );
    },
  });
}
