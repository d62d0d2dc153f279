import { pino } from "pino";
import type { Log } from "./actors/runtime/ports.ts";

/**
 * The facts that may stand in a log; whatever else is handed in is dropped, so that no name, address, code or
 * document gets there by mistake.
 */
const allowed = new Set([
  "attempts",
  "code",
  "collecte",
  "count",
  "durationMs",
  "effect",
  "error",
  "firm",
  "jobs",
  "kind",
  "method",
  "part",
  "port",
  "queue",
  "route",
  "status",
  "suppressed",
]);

/** JSON lines on standard error. */
export function createLog(level: string): Log {
  const log = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));
  const write = (method: "info" | "warn" | "error") => (facts: Record<string, unknown>, message: string) =>
    log[method](Object.fromEntries(Object.entries(facts).filter(([name]) => allowed.has(name))), message);
  return { info: write("info"), warn: write("warn"), error: write("error") };
}
