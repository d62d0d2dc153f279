import type { Settings } from "../config/settings.ts";
import type { Acting } from "./actors/effects/by-actor.ts";
import type { EffectDeps } from "./actors/effects/deps.ts";
import { memberActing } from "./actors/effects/member.ts";
import { parapheurActing } from "./actors/effects/parapheur.ts";
import type { Clock, Mailbox } from "./actors/runtime/ports.ts";
import type { Door } from "./http/door.ts";
import { createCas } from "./identity/cas.ts";
import { createFirmSeals } from "./identity/firm-seals.ts";
import { createMemberCertificates } from "./identity/member-certificates.ts";
import { createOidc } from "./identity/oidc.ts";
import { createSignIn } from "./identity/sign-in.ts";
import { createStaff } from "./identity/staff.ts";
import type { Store } from "./store/store.ts";

/** Joins what the door needs to know and change of firms and their people. */
export function joinPeople(
  store: Store,
  clock: Clock,
  settings: Pick<Settings, "signIn" | "mode" | "baseUrl">,
): Pick<
  Door,
  "firms" | "logos" | "seals" | "keys" | "staff" | "memberSessions" | "memberCertificates" | "signIn"
> {
  const { firms, logos, keys, memberSessions } = store;
  const { oidc, cas, returnOrigins } = settings.signIn;
  const providers = {
    ...(oidc && { oidc: createOidc(oidc, settings.mode === "test") }),
    ...(cas && { cas: createCas(cas) }),
  };
  return {
    ...{ firms, logos, keys, memberSessions },
    seals: createFirmSeals(store),
    staff: createStaff(store, clock),
    memberCertificates: createMemberCertificates(store, clock, settings.baseUrl),
    signIn: createSignIn(store, clock, { providers, returnOrigins }),
  };
}

/** What joins the effects of members and of their parapheurs. */
interface PeoplesParts extends Pick<EffectDeps, "sms" | "secrets"> {
  store: Store;
  settings: Pick<Settings, "baseUrl">;
  clock: Clock;
  mailbox: Mailbox;
}

/** What members order: codes, certificates, and the acts of their parapheurs. By kind of actor. */
export function joinPeoplesActs({
  store,
  settings,
  ...deps
}: PeoplesParts): Record<"member" | "parapheur", Acting> {
  const { directory, reads, parapheurs } = store;
  const certificates = createMemberCertificates(store, deps.clock, settings.baseUrl);
  const staff = createStaff(store, deps.clock);
  return {
    member: memberActing({ ...deps, directory, certificates }),
    parapheur: parapheurActing({ ...deps, reads, parapheurs, staff }),
  };
}
