import type { Settings } from "../config/settings.ts";
import { createBounceDesk } from "./actors/effects/bounces/bounce-desk.ts";
import { startBounceListener } from "./actors/effects/bounces/bounce-listener.ts";
import { effectOfReturn, returnPathOf } from "./actors/effects/bounces/return-path.ts";
import type { Clock, Log, Mailbox } from "./actors/runtime/ports.ts";
import type { Secrets } from "./actors/runtime/secrets.ts";
import type { Stopping } from "./stopping.ts";
import type { Store } from "./store/store.ts";

export interface BounceParts {
  settings: Pick<Settings, "bounces" | "host">;
  store: Pick<Store, "owners" | "reads">;
  runtime: { committer: Mailbox };
  secrets: Pick<Secrets, "tag">;
  clock: Clock;
  log: Log;
  undo: Pick<Stopping, "push">;
}

/** By a mail's Message-ID, which begins with its effect, where it comes back to; undefined when nobody would hear. */
export function returnPaths({
  settings,
  secrets,
}: Pick<BounceParts, "settings" | "secrets">): ((messageId: string) => string) | undefined {
  const domain = settings.bounces?.domain;
  if (domain === undefined) return undefined;
  return (messageId) => returnPathOf(secrets, messageId.slice(1, messageId.indexOf("@")), domain);
}

/** Listens for mails that came back, if the settings give a port, until the engine stops. */
export async function joinBounces(parts: BounceParts): Promise<void> {
  const { settings, store, runtime, secrets, clock, log, undo } = parts;
  if (settings.bounces?.port === undefined) return;
  const { domain, port } = settings.bounces;
  const { owners, reads } = store;
  const listener = await startBounceListener({
    host: settings.host,
    port,
    effectOf: (address) => effectOfReturn(secrets, address, domain),
    take: createBounceDesk({ owners, reads, mailbox: runtime.committer, clock }),
    clock,
    log,
  });
  undo.push("bounces", () => listener.close());
}
