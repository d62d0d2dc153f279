import { rm } from "node:fs/promises";
import { createSecrets, type Secrets } from "../../src/actors/runtime/secrets.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { stoppedClock, type TestClock } from "../support/clock.ts";
import { temporaryFolder } from "../support/folders.ts";

export const secretsOfTests = createSecrets(Buffer.alloc(32, "a secret of tests"));

export interface OpenedStore {
  store: Store;
  folder: string;
  file: string;
  clock: TestClock;
  secrets: Secrets;
  /** Closes it and removes the folder. */
  close(): Promise<void>;
}

/** A store of its own in a temporary folder, on a stopped clock. */
export async function openTemporaryStore(
  secrets = secretsOfTests,
  postgres?: { url: string; lanes?: number },
): Promise<OpenedStore> {
  const folder = await temporaryFolder();
  const clock = stoppedClock();
  const store = await openStore(folder, secrets, clock, postgres);
  return {
    store,
    folder,
    file: `${folder}/collecte.sqlite`,
    clock,
    secrets,
    async close() {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
}
