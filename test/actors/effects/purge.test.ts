import { expect } from "chai";
import type { Command, CreateCollecte } from "../../../src/actors/collecte/commands.ts";
import { evolve } from "../../../src/actors/collecte/evolve.ts";
import { delayCommand } from "../../../src/actors/effects/effects.ts";
import { forgetEffect, purgeEffect, type RetentionDeps } from "../../../src/actors/effects/purge.ts";
import { Retryable } from "../../../src/actors/runtime/errors.ts";
import type { EffectInHand, Leaving } from "../../../src/actors/runtime/ports.ts";
import { thrownBy } from "../../support/thrown.ts";
import { creation, launch, launchedAt, original, played } from "./played.ts";

const day = 24 * 3_600_000;
const cancelled: Command = {
  type: "CancelCollecte",
  by: { keyId: "key_1" },
  at: launchedAt,
  personal: { reason: "" },
};
const month = launchedAt + 31 * day;

function purging(): EffectInHand {
  return played(creation(), launch, cancelled, { type: "PurgeCollecte", at: month }).lastEffect("purge");
}

function forgotten(): EffectInHand {
  const purged: Command = { type: "RecordPurge", removed: 1, kept: 0, at: month };
  const years = launchedAt + 5 * 366 * day;
  const story = [creation(), launch, cancelled, { type: "PurgeCollecte", at: month } as Command, purged];
  return played(...story, { type: "ForgetPeople", at: years }).lastEffect("forget");
}

/** A disk that keeps what it is told to remove when it is stubborn, and a note of all that was asked. */
function scene(options: { isHeld?: boolean; isStubborn?: boolean; now?: number } = {}) {
  const asked: string[] = [];
  const left: Leaving[] = [];
  const kept = new Set([original]);
  const deps: RetentionDeps = {
    isHeld: async () => options.isHeld === true,
    clock: { now: () => options.now ?? launchedAt + 20 * 366 * day },
    blobs: {
      remove: async (sha256) => void (options.isStubborn || kept.delete(sha256)),
      has: async (sha256) => kept.has(sha256),
    },
    evidence: { keepCertificates: async () => void asked.push("keepCertificates") },
    retention: {
      leave: async (leaving) => {
        left.push(leaving);
        return { condemned: [...new Set(leaving.sha256s)], kept: [] };
      },
      gone: async () => void asked.push("gone"),
      evidenceOf: async () => [original],
      clear: async () => void asked.push("clear"),
      destroyKey: async () => void asked.push("destroyKey"),
      named: async () => new Set(),
      staleUploads: async () => [],
      leftovers: async () => [],
      dropReceipts: async () => 0,
      forgetSessions: async () => 0,
      scrub: async () => undefined,
    },
  };
  return { deps, asked, left, kept };
}

describe("a purge", () => {
  it("removes what it was given, looks whether it is gone, and says how much", async () => {
    const { deps, left, kept, asked } = scene();
    const answer = await purgeEffect(deps)(purging());
    expect(answer).to.deep.include({ type: "RecordPurge", removed: 1, kept: 0 });
    expect(left[0]?.of).to.deep.equal({ actorId: "col_1", firmId: "firm_1", what: "documents" });
    expect(kept.size).to.equal(0);
    expect(asked).to.deep.equal(["keepCertificates", "clear", "gone"]);
  });

  it("removes with them what the draft had and dropped", async () => {
    const { type: _, firmId: __, ...plan } = creation() as CreateCollecte;
    const documents = [{ id: "doc_2", sha256: "f".repeat(64), bytes: 1, pages: 1 }];
    const revised: Command = { ...plan, type: "ReviseDraft", documents, by: { keyId: "key_1" } };
    const purge: Command = { type: "PurgeCollecte", at: month };
    const { deps, left } = scene();
    await purgeEffect(deps)(played(creation(), revised, launch, cancelled, purge).lastEffect("purge"));
    expect(left[0]?.uploads).to.have.length(2);
    expect(left[0]?.sha256s).to.include.members([original, "f".repeat(64)]);
  });

  it("never says that something is gone which is there", async () => {
    const { deps, asked } = scene({ isStubborn: true });
    expect(await thrownBy(purgeEffect(deps)(purging()))).to.have.property("code", "blob_not_removed");
    expect(asked).not.to.include("gone");
  });

  it("waits while the clock is in doubt, and when it went back before the month was over", async () => {
    for (const [options, code] of [
      [{ isHeld: true }, "retention_held"],
      [{ now: launchedAt + day }, "retention_not_due"],
    ] as const) {
      const { deps, left } = scene(options);
      expect(await thrownBy(purgeEffect(deps)(purging()))).to.have.property("code", code);
      expect(await thrownBy(forgetEffect(deps)(forgotten()))).to.have.property("code", code);
      expect(left).to.deep.equal([]);
    }
  });

  it("is not done twice once it is on the record", async () => {
    const { deps, left } = scene();
    const effect = purging();
    const at = month;
    const state = evolve(effect.state, { type: "CollectePurged", removed: 1, kept: 0, at });
    expect(await purgeEffect(deps)({ ...effect, state })).to.equal(undefined);
    expect(left).to.deep.equal([]);
  });
});

describe("forgetting", () => {
  it("removes the evidence file first and destroys the key last", async () => {
    const { deps, left, asked } = scene();
    expect(await forgetEffect(deps)(forgotten())).to.equal(undefined);
    expect(left[0]?.of?.what).to.equal("evidence");
    expect(asked).to.deep.equal(["gone", "clear", "destroyKey"]);
  });

  it("keeps the key while the evidence file is still there", async () => {
    const { deps, asked } = scene({ isStubborn: true });
    expect(await thrownBy(forgetEffect(deps)(forgotten()))).to.have.property("code", "blob_not_removed");
    expect(asked).to.deep.equal([]);
  });

  it("that waits is no failure of the collecte's", () => {
    expect(delayCommand(forgotten(), new Retryable("retention_held"), month)).to.equal(undefined);
  });
});
