import type { Settings } from "../config/settings.ts";
import type { Clock } from "./actors/runtime/ports.ts";
import type { Door } from "./http/door.ts";
import { createCas } from "./identity/cas.ts";
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
): Pick<Door, "firms" | "keys" | "staff" | "memberSessions" | "memberCertificates" | "signIn"> {
  const { firms, keys, memberSessions } = store;
  const { oidc, cas, returnOrigins } = settings.signIn;
  const providers = {
    ...(oidc && { oidc: createOidc(oidc, settings.mode === "test") }),
    ...(cas && { cas: createCas(cas) }),
  };
  return {
    ...{ firms, keys, memberSessions },
    staff: createStaff(store, clock),
    memberCertificates: createMemberCertificates(store, clock, settings.baseUrl),
    signIn: createSignIn(store, clock, { providers, returnOrigins }),
  };
}
