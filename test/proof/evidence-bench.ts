import { hash } from "node:crypto";
import type { SignAtLevel } from "../../src/actors/effects/sign-at-level.ts";
import { createSignAtLevel } from "../../src/actors/effects/sign-at-level.ts";
import type { Blobs, EvidenceFiles, PaperPool } from "../../src/actors/runtime/ports.ts";
import { createEvidenceFiles } from "../../src/proof/make-evidence.ts";
import type { Store } from "../../src/store/store.ts";
import { certificatesIn, writePaper } from "../../src/workers/paper/tasks.ts";
import { live } from "../store/lives.ts";
import { type OpenedStore, openTemporaryStore } from "../store/open-store.ts";
import type { ToldCollecte } from "../support/collecte-builder.ts";
import { createTrust, inThisThread, type Trust } from "../workers/levels/trust.ts";

/** A store, and all that makes evidence files of what happens in it, in this thread. */
export interface EvidenceBench extends OpenedStore {
  trust: Trust;
  files: EvidenceFiles;
  signAtLevel: SignAtLevel;
  /** Lets all that was told happen to this collecte. */
  live(id: string, told: ToldCollecte): Promise<void>;
  /** Its evidence file as it is now. */
  evidence(id: string): Promise<Buffer>;
}

export const firmId = "firm";

const paperPool: PaperPool = {
  writePaper: async (paper, outPath) => writePaper(paper, outPath),
  certificatesIn: async (path) => certificatesIn(path),
};

/** Of a firm "Cabinet Lemoine", on a clock that stands where the told stories begin. */
export async function openEvidenceBench(
  { at }: { at: number },
  opened?: OpenedStore,
): Promise<EvidenceBench> {
  const store = opened ?? (await openTemporaryStore());
  const clock = { now: () => at };
  const trust = createTrust(clock);
  const signAtLevel = signingWith(trust);
  const files = evidenceFilesOf(store.store, trust);
  return {
    ...store,
    trust,
    files,
    signAtLevel,
    live: async (id, told) => void (await live(store.store.journal, clock, id, told, firmId)),
    async evidence(id) {
      const view = await store.store.reads.collecte(firmId, id);
      if (view === undefined) throw new Error(`no collecte ${id}`);
      const made = await files.make({ firmId, collecteId: id, state: view.state });
      return Buffer.from(await files.open(firmId, id, made.sha256));
    },
  };
}

const signingWith = ({ rootDer, tsa, revocation }: Trust): SignAtLevel =>
  createSignAtLevel({ pool: inThisThread, tsa, revocation, anchors: async () => [rootDer] });

/** What makes them of this store's records, with its blobs or with others. */
export function evidenceFilesOf(store: Store, trust: Trust, blobs: Blobs = store.blobs): EvidenceFiles {
  return createEvidenceFiles({
    records: store.records,
    directory: {
      firm: async (id) => ({
        id,
        name: "Cabinet Lemoine",
        email: "c@lemoine.example",
        country: "FR",
        settings: {},
      }),
      member: async (_firm, id) => ({
        id,
        firmId,
        role: "expert",
        version: 1,
        firstName: "Hélène",
        lastName: "Lemoine",
        email: "h@lemoine.example",
        phone: "+33612345670",
      }),
    },
    blobs,
    kept: store.keptCertificates,
    pool: paperPool,
    signAtLevel: signingWith(trust),
    sealKey: async () => trust.evidence,
    rootDer: async () => trust.rootDer,
    clock: trust.clock,
  });
}

export const sha256 = (bytes: Uint8Array | string): string => hash("sha256", bytes);
