import { rm } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import { prepareCollectes } from "../../bench/parapheur/collectes.ts";
import { type ApiClient, createApiClient } from "../../examples/end-of-year/api-client.ts";
import { chosen, createParapheurApi } from "../../examples/end-of-year/parapheur.ts";
import { buildStage, type Stage } from "../../src/cli/demo/stage.ts";
import { temporaryFolder } from "../support/folders.ts";

const count = 60;

describe("a session of the parapheur", function () {
  this.timeout(120_000);
  let folder: string;
  let stage: Stage;
  let api: ApiClient;

  beforeEach(async () => {
    folder = await temporaryFolder();
    stage = await buildStage({
      folder,
      settings: { COLLECTE_LEASE_SECONDS: "5", COLLECTE_LOG_LEVEL: "silent" },
    });
    api = createApiClient(stage.engine.url, { tries: 20 });
  });
  afterEach(async () => {
    api.close();
    await stage.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("loses and doubles nothing when the engine is killed with -9 twice in its middle", async () => {
    await prepareCollectes(stage, count);
    const { firm, expert, smses } = stage;
    const parapheur = createParapheurApi({ api, apiKey: firm.apiKey, member: expert, smses });
    const items = await parapheur.all();
    const session = await parapheur.open(items.map(chosen));
    const signing = parapheur.sign(session);
    // Whatever has been reached by then: the code is used, acts are handed over, documents are being signed.
    await pause(50);
    await stage.crash();
    await signing;
    await pause(500);
    await stage.crash();
    const { progress } = await parapheur.finished(session.id, 60_000);
    expect(progress).to.deep.equal({
      ...{ total: count, signed: count },
      ...{ signing: 0, waiting: 0, failed: 0, refused: 0 },
    });
    expect(smses.count()).to.equal(1);
    for (const { collecte } of items) {
      const { state, documents, history } = await api.json<{
        state: string;
        documents: { revisions: number }[];
        history: { type: string }[];
      }>({ method: "GET", path: `/v1/collectes/${collecte}`, bearer: firm.apiKey });
      expect([state, documents[0]?.revisions]).to.deep.equal(["completed", 1]);
      for (const type of ["ConsentGiven", "SignatureOrdered", "SignatureApplied"])
        expect(history.filter((one) => one.type === type)).to.have.length(1);
    }
  });
});
