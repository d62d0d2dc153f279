import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import { readSettings } from "../../config/settings.ts";
import { createCommitter } from "../../src/actors/runtime/committer.ts";
import { newId } from "../../src/actors/runtime/ids.ts";
import { lawsOf } from "../../src/actors/runtime/laws.ts";
import type { Message } from "../../src/actors/runtime/ports.ts";
import { createSecrets } from "../../src/actors/runtime/secrets.ts";
import { systemClock as clock } from "../../src/clock.ts";
import { createApp } from "../../src/http/app.ts";
import type { Door } from "../../src/http/door.ts";
import { type FirmCaller, parameter, type Route } from "../../src/http/route.ts";
import { checked } from "../../src/http/validation.ts";
import { createLog } from "../../src/log.ts";
import { joinPeople } from "../../src/people.ts";
import { openStore } from "../../src/store/store.ts";
import { ledgerLaw } from "./ledger-law.ts";

/*
 * The engine's store, runtime and door with the ledger's law instead of the collecte's: keys are checked, requests
 * counted, receipts, events with their hash chain and encrypted keys written, as for a collecte. Settings as `serve`.
 */

const entry = z.strictObject({ amount: z.int() });
const entries = z.strictObject({
  commands: z.array(z.strictObject({ ledger: z.string().max(40), amount: z.int() })).max(100),
});

function messageFor({ firm }: FirmCaller, ledger: string, amount: number): Message {
  const at = clock.now();
  return {
    id: newId("msg", at),
    actorId: `${firm.id}:${ledger}`,
    kind: "ledger",
    firmId: firm.id,
    command: { type: "Enter", amount, at } as Message["command"],
  };
}

function routes(mailbox: Door["mailbox"]): Route[] {
  return [
    {
      method: "post",
      path: "/v1/ledgers/{id}",
      operationId: "enter",
      summary: "Enter an amount",
      access: "firm",
      scope: "collectes",
      body: entry,
      answer: { status: 200, description: "{version}" },
      async handle(request, response, caller) {
        const { amount } = checked(entry, request.body);
        const outcome = await mailbox.accept(messageFor(caller, parameter(request, "id"), amount));
        response.status(outcome.status === "done" ? 200 : 409).json(outcome);
      },
    },
    {
      method: "post",
      path: "/v1/ledgers",
      operationId: "enterMany",
      summary: "Enter up to a hundred amounts",
      access: "firm",
      scope: "collectes",
      body: entries,
      answer: { status: 200, description: "{results}" },
      async handle(request, response, caller) {
        const { commands } = checked(entries, request.body);
        const messages = commands.map(({ ledger, amount }) => messageFor(caller, ledger, amount));
        const results = await Promise.all(messages.map((message) => mailbox.accept(message)));
        const isDone = results.every(({ status }) => status === "done");
        response.status(isDone ? 200 : 409).json({ results });
      },
    },
  ];
}

const settings = readSettings(process.env);
const secrets = createSecrets(settings.secret);
const store = await openStore(settings.dataFolder, secrets, clock, settings.database, settings.blobs);
const { journal, reads, documents, contacts, directory, blobs } = store;
const log = createLog(settings.logLevel);
const mailbox = createCommitter({
  journal,
  laws: lawsOf(ledgerLaw),
  clock,
  log,
  groupLimit: 500,
  queueLimit: settings.queueLimit,
  leaseLimits: {},
  leaseMs: settings.leaseMs,
  handOn: () => undefined,
});
const nothing = { der: new Uint8Array(), freshUntil: 0 };
const inspector = { inspect: async () => ({ ok: false as const, code: "none here" }) };
const spreadsheets = { read: async () => ({ ok: false as const, code: "none here" }) };
const verifier = { verify: async () => ({ verdict: "INDETERMINATE", problems: ["none here"] }) };
const images = { checkLogo: async () => ({ ok: false as const, code: "none here" }) };
const proofs = {
  evidence: { open: async () => new Uint8Array() },
  summary: async () => [],
  summaryPdf: async () => new Uint8Array(),
  inclusion: async () => undefined,
};
const door: Door = {
  mailbox,
  reads,
  documents,
  contacts,
  spreadsheets,
  images,
  directory,
  parapheurs: store.parapheurs,
  ...joinPeople(store, clock, settings),
  blobs,
  inspector,
  verifier,
  proofs,
  publication: { certificate: async () => undefined, crl: async () => undefined, ocsp: async () => nothing },
  smsBudget: { refusal: async () => undefined },
  smsReceipts: { take: async () => "unknown" },
  secrets,
  clock,
  log,
  settings: { ...settings, baseUrl: "http://127.0.0.1" },
  isClosing: () => false,
  health: async () => ({ ok: true }),
};
const server = createServer(createApp(door, routes(mailbox)));
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`the ledger listens on http://127.0.0.1:${port}\n`);
});
process.once("SIGINT", async () => {
  server.closeAllConnections();
  await mailbox.stop();
  await store.close();
  process.exit(0);
});
