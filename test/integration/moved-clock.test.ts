import { rm } from "node:fs/promises";
import { expect } from "chai";
import { createApiClient } from "../../examples/end-of-year/api-client.ts";
import { generateClients } from "../../examples/end-of-year/clients.ts";
import { createFirmApi } from "../../examples/end-of-year/firm-api.ts";
import { lettreDeMission } from "../../examples/end-of-year/lettre-de-mission.ts";
import { buildStage, type Stage } from "../../src/cli/demo/stage.ts";
import { temporaryFolder } from "../support/folders.ts";

const day = 24 * 3_600;

describe("an engine in test mode whose clock is moved", function () {
  this.timeout(60_000);
  let folder: string;
  let stage: Stage;
  before(async () => {
    folder = await temporaryFolder();
    stage = await buildStage({ folder });
  });
  after(async () => {
    await stage.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("lets a collecte expire 15 days after its launch, in a second, and tells the firm", async () => {
    const client = createApiClient(stage.engine.url, { tries: 3, connections: 2 });
    const firm = createFirmApi(client, stage.firm.apiKey);
    const [person] = generateClients(1);
    if (!person) expect.fail();
    const letter = await lettreDeMission(person, { name: "Cabinet", expert: "Hélène Lefèvre", city: "Lyon" });
    const { id: document } = await firm.addDocument(letter);
    const { firstName, lastName, email, phone } = person;
    const { id } = await firm.createCollecte({
      title: "Lettre oubliée",
      documents: [document],
      steps: [{ signatories: [{ firstName, lastName, email, phone }] }],
    });
    await firm.launch(id);
    const advance = async (seconds: number) => {
      const answer = await fetch(`${stage.engine.url}/v1/test/clock`, {
        method: "POST",
        headers: { authorization: `Bearer ${stage.firm.apiKey}`, "content-type": "application/json" },
        body: JSON.stringify({ seconds }),
      });
      expect(answer.status).to.equal(200);
    };
    await advance(15 * day - 60);
    expect((await firm.collecte(id)).state).to.equal("launched");
    await advance(60);
    // The mail is sent once the calendar has brought the deadline to the collecte.
    const mail = await stage.mails.next("cabinet@cabinet.example", () => true, 20_000);
    expect(mail.subject).to.match(/^Expiré : Lettre oubliée/);
    expect((await firm.collecte(id)).state).to.equal("expired");
    client.close();
  });
});
