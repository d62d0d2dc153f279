import pg from "pg";
import { Retryable } from "../../actors/runtime/errors.ts";

/** A key that is there already; a serialization failure; a deadlock that the server resolved at our cost. */
const races = new Set(["23505", "40001", "40P01"]);

/**
 * Classes of SQLSTATE that say nothing against the statement: connections (08), transactions that were ended for
 * being idle or that came to a standby (25), refused logins (28), resources (53), shutdown and start (57), the
 * system (58).
 */
const away = /^(?:08|25006|25P03|28|3D|53|57P|58)/;

const unreachable =
  /^(?:E(?:CONN|HOST|NET|PIPE|TIMEDOUT|AI_AGAIN|NOTFOUND|NOENT|ACCES)|ERR_(?:SSL|TLS|SOCKET))/;

/** What drivers say in words only, when a connection ends or does not come. */
const ended =
  /connection (?:terminated|timeout|ended)|timeout exceeded|not queryable|closed|query read timeout/i;

export function isRace(error: unknown): boolean {
  return error instanceof pg.DatabaseError && races.has(error.code ?? "");
}

/** Whether the database could not be asked; a statement that it refused is another matter. */
export function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // Sequelize keeps the driver's error under its own.
  const cause = "parent" in error && error.parent instanceof Error ? error.parent : error;
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : "";
  if (cause instanceof pg.DatabaseError) return away.test(code);
  return unreachable.test(code) || ended.test(cause.message) || error.name.startsWith("SequelizeConnection");
}

/** The error as the rest of the engine knows it: a database that is away is no fault of the caller. */
export function plain(error: unknown): unknown {
  if (!isAway(error)) return error;
  return new Retryable("store_unavailable", { cause: error, retryAfterMs: 1_000 });
}

/** The same object, whose methods throw `Retryable("store_unavailable")` when the database is away. */
export function guarded<T extends object>(target: T): T {
  return new Proxy(target, {
    get(from, name, receiver) {
      const member: unknown = Reflect.get(from, name, receiver);
      if (typeof member !== "function") return member;
      return (...given: unknown[]) => {
        const answer: unknown = member.apply(from, given);
        return answer instanceof Promise
          ? answer.catch((error: unknown) => {
              throw plain(error);
            })
          : answer;
      };
    },
  });
}
