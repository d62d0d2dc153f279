import { readFileSync } from "node:fs";
import type { Settings } from "../config/settings.ts";
import type { TsaSettings } from "../config/tsa.ts";
import { createHttpRevocation } from "./actors/effects/http-revocation.ts";
import { createHttpTsa } from "./actors/effects/http-tsa.ts";
import type { Outgoing } from "./actors/effects/outgoing.ts";
import { createOwnTsa, type OwnTsa } from "./actors/effects/own-tsa.ts";
import { createSignAtLevel, type SignAtLevel } from "./actors/effects/sign-at-level.ts";
import type { Clock, RevocationSource, Tsa } from "./actors/runtime/ports.ts";
import { keepEvidence } from "./identity/kept-evidence.ts";
import { createOwnEvidence } from "./identity/own-evidence.ts";
import { certificatesIn } from "./identity/pem.ts";
import { timestampUnit } from "./identity/service-keys.ts";
import type { Store } from "./store/store.ts";
import type { AskedWork } from "./workers/asked-work.ts";
import { createTimestampCodec } from "./workers/cms/timestamp/codec.ts";
import { readCertificate } from "./workers/x509/certificate.ts";
import { sameBytes } from "./workers/x509/der-reader.ts";
import { revocationCodec } from "./workers/x509/revocation-codec.ts";

/** What signing at a level is joined of. */
export interface LevelParts {
  settings: Pick<Settings, "tsa" | "timestampPolicy" | "baseUrl">;
  store: Pick<Store, "keyring" | "revocations" | "together">;
  pool: AskedWork;
  outgoing: Outgoing;
  clock: Clock;
  around<T extends object>(name: string, port: T): T;
}

/** Joins the TSA, ours or one outside, the sources of evidence, and the steps of signing. */
export function joinLevels(parts: LevelParts): SignAtLevel {
  const { pool, around } = parts;
  const { tsa, anchors } = tsaOf(parts);
  const revocation = around("revocation", evidenceOf(parts));
  const asked = around("tsa", tsa);
  const own = isOwn(asked) ? { pool, unit: () => asked.unit() } : undefined;
  return createSignAtLevel({ pool, tsa: asked, revocation, anchors, ...(own && { own }) });
}

const isOwn = (tsa: Tsa | OwnTsa): tsa is OwnTsa => "unit" in tsa;

/** The roots of an outside TSA, in DER. */
export function trustedTsa(tsa: { readonly trustFile?: string | undefined } | undefined): Uint8Array[] {
  return tsa?.trustFile === undefined ? [] : certificatesIn(readFileSync(tsa.trustFile, "utf8"));
}

/** The TSA that the settings name, or our own, and the roots that its tokens lead to. */
export function tsaOf({ settings, store, pool, outgoing, clock }: Omit<LevelParts, "around">): {
  tsa: Tsa | OwnTsa;
  anchors(): Promise<readonly Uint8Array[]>;
} {
  const ours = async () => [await store.keyring.rootDer()];
  if (settings.tsa === undefined) {
    const key = () => timestampUnit(store, clock, settings.baseUrl);
    const tsa = createOwnTsa({ pool, key, clock, policy: settings.timestampPolicy });
    return { tsa, anchors: ours };
  }
  const { tsa, trustDer } = outsideTsa(settings.tsa, outgoing, clock);
  return { tsa, anchors: async () => [...(await ours()), ...trustDer] };
}

/** A TSA outside, and the certificates that its own must lead to. */
export function outsideTsa(
  settings: TsaSettings,
  outgoing: Outgoing,
  clock: Clock,
): { tsa: Tsa; trustDer: readonly Uint8Array[] } {
  const { trustFile: _, ...asked } = settings;
  const trustDer = trustedTsa(settings);
  const codec = createTimestampCodec(trustDer.map((der) => readCertificate(der)));
  return { tsa: createHttpTsa({ ...asked, outgoing, codec, clock }), trustDer };
}

/** What the authorities that certificates name say of them. */
export const outsideEvidence = (outgoing: Outgoing, clock: Clock): RevocationSource =>
  createHttpRevocation({ outgoing, codec: revocationCodec, clock });

/** Our own authorities are asked here, never through the addresses that their certificates name. */
function evidenceOf({ settings, store, outgoing, clock }: LevelParts): RevocationSource {
  const own = keepEvidence(createOwnEvidence(store, clock, settings.baseUrl), store.revocations, clock);
  const outside = outsideEvidence(outgoing, clock);
  return {
    async evidenceFor(chainDer) {
      const top = chainDer.at(-1);
      const isOurs = top !== undefined && sameBytes(top, await store.keyring.rootDer());
      return isOurs ? own.evidenceFor(chainDer) : outside.evidenceFor(chainDer);
    },
  };
}
