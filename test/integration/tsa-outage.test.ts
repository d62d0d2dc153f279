import { appendFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { generateClients } from "../../examples/end-of-year/clients.ts";
import { sendLetters } from "../../src/cli/demo/sending.ts";
import { buildStage, type Stage } from "../../src/cli/demo/stage.ts";
import { temporaryFolder } from "../support/folders.ts";
import { startTsa, type TestTsa, type TsaMood } from "../support/tsa.ts";
import { createAuthorities, pemOf } from "../workers/authorities.ts";
import { everyoneSignedOnce } from "./play.ts";

const clients = generateClients(30);
const hour = 3_600_000;
const moods: TsaMood[] = [
  "refuse",
  "wrong-nonce",
  "wrong-imprint",
  "drop",
  "expired-certificate",
  "forbidden",
];

/** What the firm sees of one of its collectes. */
interface Shown {
  id: string;
  state: string;
  pending?: { code: string; reason: string };
  documents: { sha256: string; originalSha256: string; revisions: number; level?: string }[];
  history: { type: string }[];
}

describe("thirty collectes while the TSA refuses, lies, drops and hangs", function () {
  this.timeout(120_000);
  let folder: string;
  let tsa: TestTsa;
  let stage: Stage | undefined;

  before(async () => {
    folder = await temporaryFolder();
    const { rootDer, tsu, issue } = createAuthorities(new Date());
    const past = { notBefore: new Date(Date.now() - 9 * hour), notAfter: new Date(Date.now() - hour) };
    const expired = issue("timestamping", { validity: past });
    tsa = await startTsa({ unit: tsu, expired, notUnit: issue("one-use"), now: Date.now });
    const trust = join(folder, "tsa.pem");
    await writeFile(trust, pemOf(rootDer));
    const settings = {
      TSA_URL: tsa.url,
      TSA_TRUST: trust,
      COLLECTE_LEVEL: "B-T",
      COLLECTE_LEASE_SECONDS: "5",
      COLLECTE_LOG_LEVEL: "silent",
    };
    stage = await buildStage({ folder, settings });
    await appendFile(join(folder, "ca.pem"), pemOf(rootDer));
  });
  after(async () => {
    await stage?.close();
    await tsa.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("are all shown as pending with nothing claimed, and all complete when it is back, though the engine is killed meanwhile", async () => {
    const world = stage ?? expect.fail();
    const shown = async (path = ""): Promise<unknown> => {
      const headers = { authorization: `Bearer ${world.firm.apiKey}` };
      return (await fetch(`${world.engine.url}/v1/collectes${path}`, { headers })).json();
    };
    const all = async (): Promise<Shown[]> => {
      const { items } = (await shown("?limit=100")) as { items: { id: string }[] };
      return Promise.all(items.map(async ({ id }) => (await shown(`/${id}`)) as Shown));
    };
    const isPending = ({ pending }: Shown) => pending?.code === "timestamp_pending";
    const nothingIsClaimed = (collectes: Shown[]) => {
      for (const { state, documents, history } of collectes) {
        expect(["draft", "launched"]).to.include(state);
        expect(history.map(({ type }) => type)).not.to.include("SignatureApplied");
        for (const { sha256, originalSha256, revisions, level } of documents)
          expect({ sha256, revisions, level }).to.deep.equal({
            sha256: originalSha256,
            revisions: 0,
            level: undefined,
          });
      }
    };

    tsa.mood = "refuse";
    const sending = sendLetters({
      stage: world,
      clients,
      folder,
      atOnce: 30,
      timeoutMs: 90_000,
      onCompleted() {},
    });
    // A failure is told at the end.
    sending.catch(() => undefined);
    let collectes: Shown[] = [];
    for (let i = 0; collectes.filter(isPending).length < clients.length; i++) {
      tsa.mood = moods[i % moods.length] ?? "refuse";
      await sleep(300);
      collectes = await all();
      nothingIsClaimed(collectes);
    }
    tsa.mood = "hang";
    const before = tsa.asked.length;
    while (tsa.asked.length === before) await sleep(50);
    await world.crash();
    const after = await all();
    expect(after.filter(isPending)).to.have.length(clients.length);
    nothingIsClaimed(after);

    tsa.mood = "well";
    expect(await sending).to.have.length(clients.length);
    await everyoneSignedOnce({ stage: world, folder, clients });
    for (const { state, pending, documents } of await all()) {
      expect(state).to.equal("completed");
      expect(pending).to.equal(undefined);
      expect(documents.map(({ level }) => level)).to.deep.equal(["B-T"]);
    }
  });
});
