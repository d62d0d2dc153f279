import { join } from "node:path";
import { expect } from "chai";
import sqlite3 from "sqlite3";
import { collecteJson } from "../../src/cli/demo/engine-process.ts";
import { environmentOf } from "../drill/ground.ts";
import { inPurgeScene, type PurgeScene, pdfOf, statusOf, until } from "../drill/purge-drill.ts";

const day = 24 * 3_600;

/** As if the machine's clock had been set by so much since the engine's last look at it. */
async function leap(dataFolder: string, days: number): Promise<void> {
  const database = new sqlite3.Database(join(dataFolder, "collecte.sqlite"));
  database.configure("busyTimeout", 10_000);
  const sql = `UPDATE time_watch SET seen_at = seen_at - ${days * day * 1_000}`;
  await new Promise<void>((done, fail) => database.exec(sql, (error) => (error ? fail(error) : done())));
  await new Promise<void>((done) => database.close(() => done()));
}

async function purgesHeld({ stage }: PurgeScene): Promise<boolean> {
  const answer = await fetch(`${stage.engines[0]?.url}/health`);
  return ((await answer.json()) as { purgesHeld: boolean }).purgesHeld;
}

describe("an engine whose machine's clock leaps by 31 days while it runs", function () {
  this.timeout(120_000);

  it("lets nothing expire, reminds nobody and purges nothing, until somebody says that the clock is right", () =>
    inPurgeScene(async (scene) => {
      const { firm, api, apiKey, dataFolder } = scene;
      const person = { firstName: "A", lastName: "B", email: "a@people.example", phone: "+33612345678" };
      const made = async (title: string) => {
        const { id: document } = await firm.addDocument(await pdfOf(title));
        const reminders = { everyDays: 3, most: 2 };
        const order = { title, documents: [document], steps: [{ signatories: [person] }], reminders };
        return { ...(await firm.createCollecte(order)), document };
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
      await until(() => purgesHeld(scene));
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

      const environment = environmentOf({ dataFolder });
      const shown = await collecteJson<{ held: { leapSeconds: number } }>(environment, "retention", "status");
      expect(Math.round(shown.held.leapSeconds / day)).to.equal(31);
      await collecteJson(environment, "retention", "resume");
      await firm.letPass(60);
      await until(async () => (await states()).join() === "expired,purged");
      expect(await purgesHeld(scene)).to.equal(false);
    }));
});
