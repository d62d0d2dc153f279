import type { Settings } from "../config/settings.ts";
import { sweepHeads } from "./actors/cron/heads.ts";
import type { Sweep } from "./actors/cron/timetable.ts";
import type { SignAtLevel } from "./actors/effects/sign-at-level.ts";
import type { Clock, EvidenceFiles, PaperPool, Proofs, Tsa } from "./actors/runtime/ports.ts";
import { evidenceSeal } from "./identity/service-keys.ts";
import { proveInclusion } from "./proof/inclusion.ts";
import { createEvidenceFiles } from "./proof/make-evidence.ts";
import { openEvidence } from "./proof/open-evidence.ts";
import { createSummaries } from "./proof/summaries.ts";
import type { Store } from "./store/store.ts";

interface ProofParts {
  settings: Pick<Settings, "baseUrl">;
  store: Store;
  pool: PaperPool;
  clock: Clock;
}

/** Joins what makes evidence files: the store's records, the pool, and the engine's evidence seal. */
export function joinEvidence({
  settings,
  store,
  pool,
  clock,
  signAtLevel,
}: ProofParts & { signAtLevel: SignAtLevel }): EvidenceFiles {
  const { records, directory, blobs, keyring, keptCertificates: kept } = store;
  return createEvidenceFiles({
    records,
    directory,
    blobs,
    kept,
    pool,
    signAtLevel,
    sealKey: () => evidenceSeal(store, clock, settings.baseUrl),
    rootDer: () => keyring.rootDer(),
    clock,
  });
}

/** Joins what the door shows of records; nothing of it signs. */
export function joinProofs({ store, pool, clock }: Omit<ProofParts, "settings">): Proofs {
  const { records, directory, blobs, heads } = store;
  return {
    evidence: openEvidence({ records, blobs }),
    ...createSummaries({ records, directory, blobs, pool, clock }),
    inclusion: (collecteId) => proveInclusion(heads, collecteId),
  };
}

/** The hourly tree of heads. */
export function headsSweep({ heads }: Pick<Store, "heads">, tsa: Tsa): Sweep {
  return { name: "heads", everyMs: 3_600_000, run: (now) => sweepHeads({ heads, tsa }, now) };
}
