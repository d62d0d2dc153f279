import { readSettings, type Settings } from "../../config/settings.ts";
import type { Clock } from "../actors/runtime/ports.ts";
import { createSecrets } from "../actors/runtime/secrets.ts";
import { createTestClock, systemClock } from "../clock.ts";
import { ensureAuthority } from "../identity/enrolment.ts";
import { openStore, type Store } from "../store/store.ts";

/**
 * Opens the store that the settings name for one command; a running engine may have it open as well. The clock is the
 * engine's: in test mode it may be ahead of the machine's.
 */
export async function withStore<T>(
  work: (store: Store, clock: Clock, settings: Settings) => Promise<T>,
): Promise<T> {
  const settings = readSettings(process.env);
  const { dataFolder, secret, database, blobs, mode } = settings;
  const testClock = mode === "test" ? createTestClock() : undefined;
  const clock = testClock ?? systemClock;
  const store = await openStore(dataFolder, createSecrets(secret), clock, database, blobs);
  try {
    await testClock?.follow(store.movedClock);
    await ensureAuthority(store, clock, mode, settings.baseUrl);
    return await work(store, clock, settings);
  } finally {
    testClock?.stop();
    await store.close();
  }
}
