import { rm } from "node:fs/promises";
import { readSettings } from "../../../config/settings.ts";
import { createOutgoing } from "../../actors/effects/outgoing.ts";
import { createSignAtLevel, type SignAtLevel } from "../../actors/effects/sign-at-level.ts";
import type { PadesLevel, SignResult, SignTask } from "../../actors/runtime/ports.ts";
import { systemClock } from "../../clock.ts";
import { joinLevels, outsideEvidence, outsideTsa } from "../../levels.ts";
import type { SigningPool } from "../../workers/pool.ts";
import { CliFault } from "../fault.ts";
import { withStore } from "../with-store.ts";
import type { Sealer } from "./signer.ts";

type Sign = (task: SignTask) => Promise<SignResult>;

/**
 * Lends what seals at this level: with the test authority's own services, those of the engine for a firm's seal, or, for a
 * key that was brought, `TSA_URL` and whoever its certificate names. Throws a `CliFault` when there is no TSA.
 */
export async function withLevel<T>(
  { level, firm }: { level: PadesLevel; firm?: string | undefined },
  { services, rootDer }: Sealer,
  pool: SigningPool,
  use: (sign: Sign) => Promise<T>,
): Promise<T> {
  if (level === "B-B") return use((task) => pool.sign(task));
  const at = (signAtLevel: SignAtLevel) =>
    use(strictly((task) => signAtLevel(task, level, { complete: true }), level));
  if (services !== undefined)
    return at(createSignAtLevel({ pool, ...services, anchors: async () => [rootDer] }));
  if (firm !== undefined) {
    return withStore(async (store, clock, settings) => {
      const outgoing = createOutgoing({ mayLoop: settings.mode === "test" });
      try {
        return await at(joinLevels({ settings, store, pool, outgoing, clock, around: (_, port) => port }));
      } finally {
        outgoing.close();
      }
    });
  }
  const { tsa, mode } = readSettings(process.env);
  if (tsa === undefined) throw new CliFault(`--level ${level}: a TSA is needed: set TSA_URL and TSA_TRUST`);
  const outgoing = createOutgoing({ mayLoop: mode === "test" });
  try {
    const stamping = outsideTsa(tsa, outgoing, systemClock);
    const anchors = async () => [rootDer, ...stamping.trustDer];
    const revocation = outsideEvidence(outgoing, systemClock);
    return await at(createSignAtLevel({ pool, tsa: stamping.tsa, revocation, anchors }));
  } finally {
    outgoing.close();
  }
}

/** A file that is not at the level asked is a failed one, and is not kept. */
function strictly(sign: Sign, level: PadesLevel): Sign {
  return async (task) => {
    const result = await sign(task);
    if (!result.ok || result.level === level) return result;
    await rm(task.outPath, { force: true });
    return { ok: false, code: "level_not_reached", detail: result.level };
  };
}
