import type { RequestHandler } from "express";
import { ipKeyGenerator, type Options, rateLimit } from "express-rate-limit";
import type { RateLimits } from "./door.ts";
import { Problem } from "./problem.ts";
import type { FirmCaller, Reader } from "./route.ts";

const windowMs = 60_000;
const ipv6Prefix = 56;

/** One limiter per kind of caller; each counts on its own, in this process. */
export interface Limiters {
  key: RequestHandler;
  ip: RequestHandler;
  signatory: RequestHandler;
}

/** `locals.caller` and `locals.reader` must be there before their limiters run. */
export function createLimiters(limits: RateLimits): Limiters {
  return {
    key: limiter(limits.perKey, (_request, response) => (response.locals["caller"] as FirmCaller).keyId),
    ip: limiter(limits.sessionsPerIp, (request) => ipKeyGenerator(request.ip ?? "", ipv6Prefix)),
    signatory: limiter(limits.perSignatory, (_request, response) => {
      const { session } = response.locals["reader"] as Reader;
      return `${session.collecteId}/${session.personId}`;
    }),
  };
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
      const resetTime = (request as typeof request & { rateLimit?: { resetTime?: Date } }).rateLimit
        ?.resetTime;
      const left = (resetTime?.getTime() ?? Date.now() + windowMs) - Date.now();
      next(
        new Problem("rate_limited", { facts: { retryAfterSeconds: Math.max(1, Math.ceil(left / 1000)) } }),
      );
    },
  });
}
