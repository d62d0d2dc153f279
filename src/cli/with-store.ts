import { readSettings, type Settings } from "../../config/settings.ts";
import type { Clock } from "../actors/runtime/ports.ts";
import { createSecrets } from "../actors/runtime/secrets.ts";
import { systemClock } from "../clock.ts";
import { ensureAuthority } from "../enrolment.ts";
import { openStore, type Store } from "../store/store.ts";

/** Opens the store that the settings name for one command; a running engine may have it open as well. */
export async function withStore<T>(
  work: (store: Store, clock: Clock, settings: Settings) => Promise<T>,
): Promise<T> {
  const settings = readSettings(process.env);
  const { dataFolder, secret, database, blobs } = settings;
  const store = await openStore(dataFolder, createSecrets(secret), systemClock, database, blobs);
  try {
    await ensureAuthority(store, systemClock, settings.mode, settings.baseUrl);
    return await work(store, systemClock, settings);
  } finally {
    await store.close();
  }
}
