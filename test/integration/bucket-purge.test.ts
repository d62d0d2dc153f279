import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { readSettings } from "../../config/settings.ts";
import { downloadSigned, playSignatory } from "../../examples/end-of-year/play-client.ts";
import { createSigningApi } from "../../examples/end-of-year/signing-api.ts";
import { createSecrets } from "../../src/actors/runtime/secrets.ts";
import { systemClock } from "../../src/clock.ts";
import type { BucketPlace } from "../../src/store/s3/bucket.ts";
import { openStore } from "../../src/store/store.ts";
import { environmentOf } from "../drill/ground.ts";
import { openPurgeScene, type PurgeScene, pdfOf, statusOf, until } from "../drill/purge-drill.ts";
import { lyingS3 } from "../store/blobs/lying-s3.ts";
import { sharedS3 } from "../support/s3-server.ts";

const day = 24 * 3_600;
const client = { firstName: "Camille", lastName: "Moreau", email: "c@people.example", phone: "+33612345678" };

async function namesIn({ endpoint, accessKeyId, secretAccessKey, bucket }: BucketPlace): Promise<string[]> {
  const credentials = { accessKeyId, secretAccessKey };
  const s3 = new S3Client({
    endpoint: endpoint ?? "",
    region: "us-east-1",
    forcePathStyle: true,
    credentials,
  });
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  s3.destroy();
  return Contents.map(({ Key = "" }) => Key);
}

/** As an operator of a test may: over the API a bucket is only reached by https. */
async function deliverTo(
  { api, apiKey, dataFolder }: PurgeScene,
  settings: Record<string, string>,
  place: BucketPlace,
) {
  const { id } = await api.json<{ id: string }>({ method: "GET", path: "/v1/firm", bearer: apiKey });
  const { secret, blobs } = readSettings({ ...environmentOf({ dataFolder }), ...settings });
  const store = await openStore(dataFolder, createSecrets(secret), systemClock, undefined, blobs);
  const { bucket, endpoint = "", accessKeyId, secretAccessKey } = place;
  const delivery = { kind: "s3", bucket, endpoint, accessKeyId, secretAccessKey } as const;
  await store.firms.change(id, (before) => ({ ...before, settings: { delivery } }));
  await store.close();
}

async function signed({ stage, api, firm, apiKey }: PurgeScene, title: string) {
  const { id: document } = await firm.addDocument(await pdfOf(title));
  const steps = [{ signatories: [client] }];
  const { id } = await firm.createCollecte({ title, documents: [document], steps });
  await firm.launch(id);
  const play = { api: createSigningApi(api), mail: stage.mails, sms: stage.smses, timeoutMs: 60_000 };
  await playSignatory(play, client, title);
  await downloadSigned(play, client.email, title);
  await until(async () => (await statusOf(firm.evidence(id))) === 200);
  const types = async () => {
    const { history } = await api.json<{ history: { type: string }[] }>({
      ...{ method: "GET", path: `/v1/collectes/${id}`, bearer: apiKey },
    });
    return history.map(({ type }) => type);
  };
  return { id, document, types };
}

describe("an engine whose documents are in a bucket, and whose firm has them delivered into another", function () {
  this.timeout(120_000);

  it("purges to the last object, also what could not be delivered, of which the firm is told", async function () {
    const s3 = await sharedS3();
    if (!s3) return this.skip();
    const [own, theirs] = [await s3.bucket(), await s3.bucket()];
    const way = await lyingS3(s3.endpoint);
    const settings = {
      BLOBS_URL: `s3://${own.bucket}/documents`,
      S3_ENDPOINT: s3.endpoint,
      S3_ACCESS_KEY_ID: own.accessKeyId,
      S3_SECRET_ACCESS_KEY: own.secretAccessKey,
    };
    const scene = await openPurgeScene(settings);
    try {
      const { firm, stage } = scene;
      await deliverTo(scene, settings, { ...theirs, endpoint: way.endpoint });
      // The engine answers from memory for five seconds of its clock.
      await firm.letPass(10);
      const delivered = await signed(scene, "Livrée");
      await firm.letPass(60);
      await until(async () => (await delivered.types()).includes("DocumentsDelivered"));

      way.lie = () => 503;
      const kept = await signed(scene, "Retenue");
      // Within a week of the purge.
      await firm.letPass(24 * day);
      await until(async () => (await kept.types()).includes("PurgeAnnounced"));
      const isWarning = ({ text }: { text: string }) => text.includes("Retenue");
      await stage.mails.next("cabinet@drill.example", isWarning, 20_000);
      await firm.letPass(8 * day);
      const ended = [delivered, kept];
      await until(async () => (await Promise.all(ended.map(({ id }) => firm.collecte(id)))).every(isPurged));
      await until(async () => (await kept.types()).filter((type) => type === "EvidenceFiled").length === 2);
      await until(
        async () => (await delivered.types()).filter((type) => type === "EvidenceFiled").length === 2,
      );
      expect(await namesIn(own), "the evidence files alone").to.have.length(4);
      for (const { id, document } of ended) expect(await statusOf(firm.document(id, document))).to.equal(410);
      expect(await kept.types()).not.to.include("DocumentsDelivered");
      const names = (await namesIn(theirs)).map((name) => name.split("/").at(-1));
      expect(names.sort()).to.deep.equal(["01 document.pdf", "dossier-de-preuve.pdf", "index.json"]);

      const filed = await namesIn(own);
      for (let years = 0; years < 2; years++) await firm.letPass(1_000 * day);
      // Those of before the purge are nobody's by then: they go when they are two days old by the store's own clock.
      await until(async () => (await namesIn(own)).length === 2);
      const left = (await namesIn(own)).join();
      for (const { id } of ended) {
        const newest = await newestEvidence(scene, id);
        expect(filed.join()).to.contain(newest);
        expect(left).not.to.contain(newest);
      }
    } finally {
      await scene.close();
      await way.close();
    }
  });
});

async function newestEvidence({ api, apiKey: bearer }: PurgeScene, id: string): Promise<string> {
  const { history } = await api.json<{ history: { type: string; sha256?: string }[] }>({
    ...{ method: "GET", path: `/v1/collectes/${id}`, bearer },
  });
  return history.findLast(({ type }) => type === "EvidenceFiled")?.sha256 ?? "no evidence file";
}

const isPurged = ({ state }: { state: string }): boolean => state === "purged";
