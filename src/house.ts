import type { Role } from "../config/schema.ts";
import type { Settings } from "../config/settings.ts";
import type { Outgoing } from "./actors/effects/outgoing.ts";
import type { Laws } from "./actors/runtime/laws.ts";
import type { Clock, Log } from "./actors/runtime/ports.ts";
import type { Runtime } from "./actors/runtime/runtime.ts";
import type { Secrets } from "./actors/runtime/secrets.ts";
import type { Around } from "./around.ts";
import type { TestClock } from "./clock.ts";
import type { Stopping } from "./stopping.ts";
import type { Store } from "./store/store.ts";
import type { SigningPool } from "./workers/pool.ts";

/** Where mail and SMS go: what the settings leave to test mode is said by the caller. */
export interface Outside {
  smtpUrl: string;
  smsUrl: string;
}

/** What is there before any room is. */
export interface Site {
  settings: Settings;
  outside: Outside;
  log: Log;
  undo: Stopping;
  around: Around;
}

/** What every room may need; the pool has no thread before it has work. */
export interface House extends Site {
  has(role: Role): boolean;
  clock: Clock;
  testClock: TestClock | undefined;
  secrets: Secrets;
  store: Store;
  laws: Laws;
  runtime: Runtime;
  pool: SigningPool;
  outgoing: Outgoing;
}
