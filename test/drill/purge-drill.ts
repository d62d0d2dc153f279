import { createHash, randomUUID } from "node:crypto";
import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PDFDocument } from "pdf-lib";
import { type ApiClient, ApiProblem, createApiClient } from "../../examples/end-of-year/api-client.ts";
import { createFirmApi, type FirmApi } from "../../examples/end-of-year/firm-api.ts";
import { collecteJson } from "../../src/cli/demo/engine-process.ts";
import { environmentOf } from "./ground.ts";
import type { Failpoint } from "./points.ts";
import { openStage, type Stage } from "./stage.ts";

const daySeconds = 24 * 3_600;
const limitMs = 60_000;
const lookMs = 25;

/** What one purge left behind that was killed at a point; all of it is told, for a test to judge. */
export interface PurgeReport {
  point: string;
  hasStruck: boolean;
  /** Answers to who asked for the document after the removal had begun, in their order and once each. */
  served: number[];
  /** How often the record says that it begun and that it is done. */
  told: { begun: number; purged: number; removed: number; kept: number };
  /** Whether its own document, and the one that another collecte has too, are on the disk. */
  ownIsThere: boolean;
  sharedIsThere: boolean;
  /** What became of a collecte that was made meanwhile of the same bytes, brought anew. */
  twin: "none" | "whole" | "broken";
  hasEvidence: boolean;
}

export interface PurgeScene {
  stage: Stage;
  api: ApiClient;
  firm: FirmApi;
  apiKey: string;
  dataFolder: string;
  /** For commands beside the engine. */
  environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** An engine of its own with a firm, on SQLite unless said, whose failpoints can be armed. */
export async function openPurgeScene(settings: Readonly<Record<string, string>> = {}): Promise<PurgeScene> {
  const folder = await mkdtemp(join(tmpdir(), "collecte-purges-"));
  const undo: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const dataFolder = join(folder, "data");
    const environment = { ...environmentOf({ dataFolder }), COLLECTE_LEASE_SECONDS: "5", ...settings };
    const about = ["--name", "Cabinet", "--email", "cabinet@drill.example", "--siren", "732829320"];
    const { apiKey } = await collecteJson<{ apiKey: string }>(environment, "firm", "create", ...about);
    const stage = await openStage({ engines: 1, environment, folder, note: () => undefined });
    undo.push(() => stage.close());
    const api = createApiClient(stage.engines[0]?.url ?? "", { tries: 20 });
    undo.push(async () => api.close());
    return { stage, api, firm: createFirmApi(api, apiKey), apiKey, dataFolder, environment, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Purges a collecte whose engine kills itself at the point, and starts the engine again, until the collecte says that its
 * documents are gone. With a twin the same bytes are brought anew from the moment on that the removal has begun.
 */
export async function purgeStruckAt(
  { stage, api, firm, apiKey, dataFolder }: PurgeScene,
  failpoint: Failpoint,
  hasTwin = false,
): Promise<PurgeReport> {
  const engine = stage.engines[0];
  if (!engine) throw new Error("no engine");
  const [ownPdf, sharedPdf] = [await pdfOf(randomUUID()), await pdfOf(randomUUID())];
  const [own, shared] = [await firm.addDocument(ownPdf), await firm.addDocument(sharedPdf)];
  const steps = [{ signatories: [somebody] }];
  const order = (...documents: string[]) => ({ title: "Lettre", documents, steps });
  const dying = await firm.createCollecte(order(own.id, shared.id));
  const living = await firm.createCollecte(order(shared.id));
  await api.json({
    ...{ method: "POST", path: `/v1/collectes/${dying.id}/cancellation`, bearer: apiKey },
    body: { reason: "Erreur" },
  });
  await until(async () => (await statusOf(firm.evidence(dying.id))) === 200);

  engine.arm(failpoint);
  let isOver = false;
  const restart = engine.ended().then(() => (isOver ? undefined : engine.start()));
  // Who moves the clock may lose the answer with the engine: a month more harms nobody.
  await firm.letPass(32 * daySeconds).catch(() => undefined);
  const served: number[] = [];
  let twin: { id: string; documentId: string } | undefined;
  const begun = performance.now();
  for (;;) {
    const status = await statusOf(firm.document(dying.id, own.id));
    if (status !== served.at(-1)) served.push(status);
    if (hasTwin && status === 410) twin ??= await twinOf(firm, ownPdf, order);
    const { state } = await firm.collecte(dying.id);
    if (state === "purged") break;
    if (performance.now() - begun > limitMs) throw new Error(`no purge after ${failpoint.point}`);
    // What the dead process had in hand is anybody's after a minute.
    await firm.letPass(20);
    await sleep(lookMs);
  }
  const hasStruck = engine.hasStruck;
  if (hasStruck) await restart;
  isOver = true;
  engine.arm(undefined);

  const { history } = (await firm.collecte(dying.id)) as unknown as {
    history: { type: string; removed?: number; kept?: number }[];
  };
  const of = (type: string) => history.filter((one) => one.type === type);
  const [purged] = of("CollectePurged");
  const there = (bytes: Uint8Array) => isThere(dataFolder, sha256Of(bytes));
  const isWhole = async (id: string, documentId: string, bytes: Uint8Array) =>
    sha256Of(await firm.document(id, documentId)) === sha256Of(bytes);
  return {
    point: failpoint.point,
    hasStruck,
    served,
    told: {
      begun: of("PurgeBegun").length,
      purged: of("CollectePurged").length,
      removed: purged?.removed ?? -1,
      kept: purged?.kept ?? -1,
    },
    ownIsThere: await there(ownPdf),
    sharedIsThere: (await there(sharedPdf)) && (await isWhole(living.id, shared.id, sharedPdf)),
    twin: !twin ? "none" : (await isWhole(twin.id, twin.documentId, ownPdf)) ? "whole" : "broken",
    hasEvidence: (await firm.evidence(dying.id)).subarray(0, 5).toString() === "%PDF-",
  };
}

/** A collecte with the same bytes; undefined while the engine says that they are leaving. */
async function twinOf(
  firm: FirmApi,
  pdf: Uint8Array,
  order: (...documents: string[]) => Parameters<FirmApi["createCollecte"]>[0],
): Promise<{ id: string; documentId: string } | undefined> {
  try {
    const { id: documentId } = await firm.addDocument(pdf);
    const { id } = await firm.createCollecte(order(documentId));
    return { id, documentId };
  } catch (error) {
    if (error instanceof ApiProblem) return undefined;
    throw error;
  }
}

const somebody = {
  ...{ firstName: "Camille", lastName: "Moreau" },
  ...{ email: "camille@people.example", phone: "+33612345678" },
};

export async function pdfOf(text: string): Promise<Uint8Array> {
  const pdf = await PDFDocument.create();
  pdf.setSubject(text);
  pdf.addPage().drawText(text);
  return pdf.save();
}

export const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

export async function isThere(dataFolder: string, sha256: string): Promise<boolean> {
  return access(join(dataFolder, "blobs", sha256.slice(0, 2), sha256)).then(
    () => true,
    () => false,
  );
}

export async function statusOf(asked: Promise<unknown>): Promise<number> {
  return asked.then(
    () => 200,
    (error: unknown) => {
      if (error instanceof ApiProblem) return error.status;
      throw error;
    },
  );
}

export async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const begun = performance.now(); performance.now() - begun < limitMs; await sleep(lookMs))
    if (await isSo()) return;
  throw new Error("it did not come to pass");
}
