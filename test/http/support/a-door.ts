import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tellRecord } from "../../../src/actors/effects/templates/record/tell.ts";
import type {
  Firm,
  Inspection,
  Member,
  ParapheurView,
  SmsCapCode,
  StoredDocument,
} from "../../../src/actors/runtime/ports.ts";
import { type Scope, scopeNames } from "../../../src/actors/runtime/scopes.ts";
import { createSecrets, digestOf } from "../../../src/actors/runtime/secrets.ts";
import { createApp } from "../../../src/http/app.ts";
import type { Door, DoorSettings } from "../../../src/http/door.ts";
import { apiRoutes } from "../../../src/http/routes.ts";
import { checkLogo } from "../../../src/workers/pdf/stamp/check-logo.ts";
import { unjudged, type VerifyReport } from "../../../src/workers/verify-document.ts";
import { folderBlobs } from "../../support/folder-blobs.ts";
import { describedOnly } from "./described-only.ts";
import { memoryContacts } from "./memory-contacts.ts";
import { MemoryEngine } from "./memory-engine.ts";
import { memoryFirms, memoryKeys, memoryLogos } from "./memory-firms.ts";
import { memoryParapheurs } from "./memory-parapheurs.ts";
import { memoryPeople } from "./memory-people.ts";

export const keys = { cabinet: "ck_cabinet_0123456789", rival: "ck_rival_9876543210" } as const;

const someFirms = (): Firm[] => [
  {
    id: "frm_cabinet",
    name: "Cabinet Lemoine & Associés",
    email: "cabinet@lemoine.example",
    country: "FR",
    settings: {},
  },
  { id: "frm_rival", name: "Rival", email: "contact@rival.example", country: "BE", settings: {} },
];

export const expert: Member = {
  id: "mem_expert",
  firmId: "frm_cabinet",
  role: "expert",
  rollNumber: "140000012345",
  version: 1,
  firstName: "Hélène",
  lastName: "Lemoine",
  email: "helene@lemoine.example",
  phone: "+33612345670",
};

/** An engine behind a real listener on loopback, with all that a test may turn or look at. */
export interface OpenDoor {
  url: string;
  engine: MemoryEngine;
  door: Door;
  clock: { instant: number };
  documents: Map<string, StoredDocument>;
  people: ReturnType<typeof memoryPeople>;
  parapheurSessions: Map<string, ParapheurView>;
  /** Of keys that may not do everything. */
  scopes: { -readonly [name in keyof typeof keys]?: readonly Scope[] };
  logged: { facts: Record<string, unknown>; message: string }[];
  /** What the inspector says of everything. */
  inspection: {
    answer: Inspection;
    /** What it writes anew of everything. */
    rewritten?: Uint8Array;
    /** What it was asked last. */
    asked?: { limits: { allowEmbeddedFiles?: boolean }; neutralise: boolean };
  };
  /** What the verifier does. */
  verification: { answer: VerifyReport };
  health: { ok: boolean };
  /** Which cap forbids one more SMS. */
  sms: { refusal: SmsCapCode | undefined };
  temporaryFiles(): Promise<string[]>;
  blobFiles(): Promise<string[]>;
  putBlob(sha256: string, bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export async function openDoor(
  settings: Partial<DoorSettings> = {},
  parts: Partial<Door> = {},
): Promise<OpenDoor> {
  const folder = await mkdtemp(join(tmpdir(), "collecte-http-"));
  const temporary = join(folder, "temporary");
  const kept = join(folder, "blobs");
  await mkdir(temporary);
  await mkdir(kept);
  const secrets = createSecrets(Buffer.alloc(32, 7));
  const engine = new MemoryEngine(secrets);
  const clock = { instant: Date.UTC(2025, 11, 1, 9) };
  const scopes: OpenDoor["scopes"] = {};
  const documents = new Map<string, StoredDocument>();
  const logged: OpenDoor["logged"] = [];
  const inspection: OpenDoor["inspection"] = { answer: { ok: true, pages: 2 } };
  const verification = { answer: unjudged("no_signature") };
  const health = { ok: true };
  const firms = someFirms();
  const people = memoryPeople([expert], { now: () => clock.instant });
  const sms: OpenDoor["sms"] = { refusal: undefined };
  const log = (facts: Record<string, unknown>, message: string) => void logged.push({ facts, message });
  const parapheurSessions: OpenDoor["parapheurSessions"] = new Map();
  const door: Door = {
    mailbox: engine,
    reads: engine.reads,
    documents: {
      add: async (document) => void (documents.has(document.id) || documents.set(document.id, document)),
      find: async (firmId, ids) =>
        ids.flatMap((id) => {
          const document = documents.get(id);
          return document?.firmId === firmId ? [document] : [];
        }),
    },
    directory: {
      firm: async (id) => firms.find((firm) => firm.id === id),
      logo: async () => undefined,
      members: async (firmId) =>
        (await people.staff.members(firmId)).filter(({ leftAt }) => leftAt === undefined),
      member: (firmId, id) => people.staff.member(firmId, id),
      apiKey: async (hash) => {
        const name = (["cabinet", "rival"] as const).find((one) => digestOf(keys[one]) === hash);
        return name && { keyId: `key_${name}`, firmId: `frm_${name}`, scopes: scopes[name] ?? scopeNames };
      },
    },
    firms: memoryFirms(firms),
    logos: memoryLogos(),
    images: { checkLogo: async (image) => checkLogo(image) },
    seals: { of: async () => [] },
    keys: memoryKeys({ now: () => clock.instant }),
    signIn: {
      providers: {},
      returnOrigins: [],
      admit: async () => ({ ok: false, code: "sign_in_unknown" }),
      codeFor: async () => "code",
      exchange: async () => undefined,
    },
    staff: people.staff,
    memberSessions: people.memberSessions,
    parapheurs: memoryParapheurs(engine, parapheurSessions),
    memberCertificates: people.memberCertificates,
    contacts: memoryContacts(),
    spreadsheets: { read: async () => ({ ok: false, code: "spreadsheet_empty" }) },
    blobs: folderBlobs(temporary, kept),
    publication: {
      certificate: async () => undefined,
      crl: async () => undefined,
      ocsp: async () => ({ der: new Uint8Array(), freshUntil: 0 }),
    },
    smsBudget: { refusal: async () => sms.refusal },
    smsReceipts: { take: async () => "unknown" },
    inspector: {
      async inspect(_path, limits, rewrite) {
        inspection.asked = { limits, neutralise: rewrite?.neutralise === true };
        const { answer, rewritten } = inspection;
        if (!answer.ok || rewritten === undefined || rewrite === undefined) return answer;
        await writeFile(rewrite.to, rewritten, { flag: "wx" });
        const sha256 = createHash("sha256").update(rewritten).digest("hex");
        return { ...answer, rewritten: { sha256, bytes: rewritten.length } };
      },
    },
    verifier: { verify: async () => verification.answer },
    proofs: {
      evidence: { open: async () => Buffer.from("%PDF-evidence") },
      summary: async (firmId, id, language) => {
        const history = await engine.reads.history(firmId, id);
        return tellRecord(history, language, {}).events;
      },
      summaryPdf: async () => Buffer.from("%PDF-summary"),
      inclusion: async () => undefined,
    },
    secrets,
    clock: { now: () => clock.instant },
    log: { info: log, warn: log, error: log },
    settings: {
      baseUrl: "https://sign.lemoine.example",
      maxDocumentBytes: 200_000,
      maxDocumentPages: 500,
      level: "B-LTA",
      sessionMinutes: 60,
      rateLimits: {
        perKey: 10_000,
        sessionsPerIp: 10_000,
        failedLoginsPerIp: 10_000,
        perSignatory: 10_000,
        publicationPerIp: 10_000,
      },
      ...settings,
    },
    health: async () => health,
    isClosing: () => false,
    ...parts,
  };
  const lies: string[] = [];
  const server = createServer(describedOnly(apiRoutes(door), createApp(door), lies)).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    engine,
    door,
    clock,
    documents,
    people,
    parapheurSessions,
    scopes,
    logged,
    inspection,
    verification,
    health,
    sms,
    temporaryFiles: () => readdir(temporary),
    blobFiles: () => readdir(kept),
    putBlob: (sha256, bytes) => writeFile(join(kept, sha256), bytes),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
      // Whatever a test is about: no answer is otherwise than /v1/openapi.json says.
      if (lies.length > 0) throw new Error([...new Set(lies)].join("\n"));
    },
  };
}
