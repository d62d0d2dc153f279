import { byActor } from "./actors/effects/by-actor.ts";
import { createEffects, delayCommand, failureCommand } from "./actors/effects/effects.ts";
import { createSmtpMailer } from "./actors/effects/smtp-mailer.ts";
import type { Effects } from "./actors/runtime/runtime.ts";
import { returnPaths } from "./bounces.ts";
import type { House } from "./house.ts";
import { publishing } from "./identity/authority-urls.ts";
import { joinLevels } from "./levels.ts";
import { joinPeoplesActs } from "./people.ts";
import { joinEvidence } from "./proofs.ts";
import { retentionEffects, watchedSigning } from "./retention.ts";
import { joinSmsGateway } from "./sms.ts";

/** The outside world, and what is done to it once it is known where links lead. */
export function effectsOf(house: House): (baseUrl: string) => Effects {
  const { settings, outside, secrets, clock, store, undo, around, pool, outgoing, runtime } = house;
  const mailer = around(
    "mailer",
    createSmtpMailer({ smtpUrl: outside.smtpUrl, from: settings.mailFrom, returnPath: returnPaths(house) }),
  );
  undo.push("mailer", () => mailer.close());
  const joined = joinSmsGateway(house, outside.smsUrl);
  undo.push("SMS gateways", () => joined.close());
  const sms = around("sms", joined.gateway);
  const { blobs, directory } = store;
  const keyring = publishing(store.keyring, settings.baseUrl);
  const signAtLevel = joinLevels({ settings, store, pool, outgoing, clock, around });
  // Nobody waits for a proof as for a signature.
  const upkeep = { settings, store, pool: around("upkeep", pool.upkeep), clock };
  const evidence = joinEvidence({ ...upkeep, signAtLevel: joinLevels({ ...upkeep, outgoing, around }) });
  const people = joinPeoplesActs({ store, settings, sms, secrets, clock, mailbox: runtime.committer });
  const retained = retentionEffects(house, evidence);
  return (baseUrl) => {
    const handlers = createEffects({
      mailer,
      sms,
      signAtLevel,
      evidence,
      blobs,
      keyring,
      directory,
      secrets,
      clock,
      settings: {
        baseUrl,
        mailDomain: new URL(baseUrl).hostname,
        certify: settings.certify,
        lock: settings.lock,
      },
    });
    const signing = watchedSigning(house, handlers);
    const collecte = { handlers: { ...handlers, ...signing, ...retained }, failureCommand, delayCommand };
    return byActor({ collecte, ...people });
  };
}
