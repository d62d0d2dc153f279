import { join } from "node:path";
import { expect } from "chai";
import sqlite3 from "sqlite3";
import { collecteJson } from "../../src/cli/demo/engine-process.ts";
import { killedWhileFiling } from "../drill/evidence-kills.ts";
import { failpointOf } from "../drill/points.ts";
import {
  openPurgeScene,
  type PurgeScene,
  pdfOf,
  purgeStruckAt,
  statusOf,
  until,
} from "../drill/purge-drill.ts";

const day = 24 * 3_600;

/** As if the machine's clock had been set by so much since the engine's last look at it. */
async function leap(dataFolder: string, days: number): Promise<void> {
  const database = new sqlite3.Database(join(dataFolder, "collecte.sqlite"));
  database.configure("busyTimeout", 10_000);
  const sql = `UPDATE time_watch SET seen_at = seen_at - ${days * day * 1_000}`;
  await new Promise<void>((done, fail) => database.exec(sql, (error) => (error ? fail(error) : done())));
  await new Promise<void>((done) => database.close(() => done()));
}

describe("what comes after the end of a collecte", function () {
  this.timeout(120_000);
  let scene: PurgeScene;
  before(async () => {
    scene = await openPurgeScene();
  });
  after(() => scene.close());

  it("a purge whose engine is killed with -9 once the first file is gone is ended by the next: its documents are served to nobody, those of others and the evidence stay", async () => {
    const report = await purgeStruckAt(scene, { point: "blobs.remove.after", nth: 1, blow: "kill" });
    expect(report).to.deep.equal({
      point: "blobs.remove.after",
      hasStruck: true,
      served: [200, 410],
      told: { begun: 1, purged: 1, removed: 1, kept: 1 },
      ownIsThere: false,
      sharedIsThere: true,
      twin: "none",
      hasEvidence: true,
    });
  });

  it("killed with -9 while it files evidence and makes the hour's root, it leaves one file a collecte, one hour a head, and nothing broken", async () => {
    const points = ["heads.addLeaves.after", "upkeep.finishStamped.after"].map(failpointOf);
    const { struck, missed, ...held } = await killedWhileFiling(scene, points);
    expect({ struck: struck.length, missed }).to.deep.equal({ struck: 2, missed: [] });
    const sound = { filedOnce: 2, verified: 2, faults: [], doubled: 0, orphans: 0 };
    expect(held).to.deep.equal({ collectes: 2, ...sound });
  });

  it("when the machine's clock leaps by 31 days it lets nothing expire, reminds nobody and purges nothing, until somebody says that the clock is right", async () => {
    const { firm, api, apiKey, dataFolder, environment, stage } = scene;
    const person = { firstName: "A", lastName: "B", email: "a@people.example", phone: "+33612345678" };
    const made = async (title: string) => {
      const { id: document } = await firm.addDocument(await pdfOf(title));
      const reminders = { everyDays: 3, most: 2 };
      const order = { title, documents: [document], steps: [{ signatories: [person] }], reminders };
      return { ...(await firm.createCollecte(order)), document };
    };
    const purgesHeld = async () => {
      const answer = await fetch(`${stage.engines[0]?.url}/health`);
      return ((await answer.json()) as { purgesHeld: boolean }).purgesHeld;
    };
    const [open, over] = [await made("Ouverte"), await made("Finie")];
    await firm.launch(open.id);
    const path = `/v1/collectes/${over.id}/cancellation`;
    await api.json({ method: "POST", path, bearer: apiKey, body: { reason: "Erreur" } });
    const states = async () =>
      Promise.all([open, over].map(async ({ id }) => (await firm.collecte(id)).state));

    const { expiresAt } = await firm.collecte(open.id);
    await leap(dataFolder, 31);
    await firm.letPass(5 * day);
    await until(purgesHeld);
    await firm.letPass(60);
    await until(async () => (await statusOf(firm.evidence(over.id))) === 200);
    await firm.letPass(60);
    expect((await firm.collecte(open.id)).expiresAt).to.equal(expiresAt);
    await firm.letPass(27 * day);
    // Two more rounds of the calendar.
    await firm.letPass(60);
    await firm.letPass(60);
    expect(await states()).to.deep.equal(["launched", "cancelled"]);
    expect(await statusOf(firm.document(over.id, over.document))).to.equal(200);

    const shown = await collecteJson<{ held: { leapSeconds: number } }>(environment, "retention", "status");
    expect(Math.round(shown.held.leapSeconds / day)).to.equal(31);
    await collecteJson(environment, "retention", "resume");
    await firm.letPass(60);
    await until(async () => (await states()).join() === "expired,purged");
    expect(await purgesHeld()).to.equal(false);
  });
});
