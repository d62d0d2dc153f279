import { createHash, randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { type ApiClient, createApiClient } from "../../examples/end-of-year/api-client.ts";
import { type Client, generateClients } from "../../examples/end-of-year/clients.ts";
import { type CollecteOrder, createFirmApi, type FirmApi } from "../../examples/end-of-year/firm-api.ts";
import { lettreDeMission } from "../../examples/end-of-year/lettre-de-mission.ts";
import { playSignatory, type Stage as World } from "../../examples/end-of-year/play-client.ts";
import { createSigningApi } from "../../examples/end-of-year/signing-api.ts";
import { buildStage, type Stage } from "../../src/cli/demo/stage.ts";
import type { ParsedMail } from "../../src/cli/sinks/parse-mail.ts";
import { type Answer, call, type Json } from "../http/support/caller.ts";
import { openBrowser } from "../support/browser.ts";
import { temporaryFolder } from "../support/folders.ts";
import { type OidcServer, startOidcServer } from "../support/oidc-server.ts";
import { freePort } from "../support/ports.ts";

export const minute = 60;
export const day = 24 * 3_600;
const page = "https://app.example.com/signed-in";

/** A firm with its engine, and everybody that it deals with. */
export interface Cabinet {
  stage: Stage;
  client: ApiClient;
  firm: FirmApi;
  /** Where signatories play. */
  world: World;
  /** Mails as they came. */
  mailFolder: string;
  /** Where documents are put for firms that want it. */
  deliveries: string;
  /** Somebody whom no test has met. */
  somebody(): Client;
  /** A request of the firm's program, or of who holds that session. */
  ask(
    path: string,
    request?: { method?: string; body?: unknown; bearer?: string; for?: string },
  ): Promise<Answer>;
  /** Uploads a letter; answers its id. */
  letter(): Promise<string>;
  /** A launched collecte of one letter. */
  launched(title: string, steps: CollecteOrder["steps"], more?: Partial<CollecteOrder>): Promise<string>;
  read(id: string): Promise<Json>;
  /** Looks again until the collecte is in that state. */
  reached(id: string, state: string): Promise<Json>;
  mail(address: string, subject: string): Promise<ParsedMail>;
  /** A session of the page that the newest invitation leads to. */
  opened(person: Client, title: string): Promise<string>;
  letPass(seconds: number): Promise<void>;
  /** Signs in by OpenID Connect with this e-mail; answers the session. */
  signedIn(email: string, subject?: string): Promise<string>;
  close(): Promise<void>;
}

export const firmAddress = "cabinet@cabinet.example";

/** What a person is as a step of their own. */
export function step({ firstName, lastName, email, phone }: Client) {
  return { signatories: [{ firstName, lastName, email, phone }] };
}

export async function openCabinet(): Promise<Cabinet> {
  const folder = await temporaryFolder();
  const mailFolder = join(folder, "mails");
  const port = await freePort();
  const oidc = await startOidcServer(`http://127.0.0.1:${port}/v1/sign-in/oidc/callback`);
  const deliveries = join(folder, "deliveries");
  await mkdir(deliveries);
  const settings = { ...settingsOf(port, oidc), COLLECTE_DELIVERY_FOLDER: deliveries };
  const stage = await buildStage({ folder, mailFolder, settings });
  const { engine, firm: at, mails, smses } = stage;
  const client = createApiClient(engine.url);
  const firm = createFirmApi(client, at.apiKey);
  const world = { api: createSigningApi(client), mail: mails, sms: smses, timeoutMs: 20_000 };
  const people = generateClients(200).values();

  const somebody = (): Client => people.next().value ?? expect.fail("everybody was met");
  const ask: Cabinet["ask"] = (path, { for: member, bearer = at.apiKey, ...request } = {}) =>
    call(engine.url + path, {
      ...request,
      bearer,
      headers: member === undefined ? {} : { "Acting-Member": member },
    });
  const read = async (id: string): Promise<Json> => (await ask(`/v1/collectes/${id}`)).json;
  const letter = async () => {
    const about = { name: at.name, expert: "Hélène Lefèvre", city: "Lyon" };
    return (await firm.addDocument(await lettreDeMission(somebody(), about))).id;
  };

  return {
    ...{ stage, client, firm, world, mailFolder, deliveries, somebody, ask, letter, read },
    async launched(title, steps, more = {}) {
      const { id } = await firm.createCollecte({ title, documents: [await letter()], steps, ...more });
      await firm.launch(id);
      return id;
    },
    async reached(id, state) {
      return sought(`${id}, ${state}`, async () => {
        const shown = await read(id);
        return shown.state === state ? shown : undefined;
      });
    },
    mail: (address, subject) => mails.next(address, (mail) => mail.subject === subject, 20_000),
    async opened({ email }, title) {
      const { links } = await mails.next(email, (one) => one.subject === `À signer : ${title}`, 20_000);
      return (await world.api.openSession(links[0]?.split("#")[1] ?? "")).session;
    },
    letPass: async (seconds) => void (await firm.letPass(seconds)),
    async signedIn(email, subject = email) {
      oidc.who = subject;
      oidc.accounts.set(subject, { email, email_verified: true });
      const verifier = randomBytes(32).toString("base64url");
      const challenge = createHash("sha256").update(verifier).digest("base64url");
      const start = `${engine.url}/v1/sign-in/oidc?${new URLSearchParams({ return: page, challenge })}`;
      const { hash } = await openBrowser().go(start, page);
      const body = { code: hash.replace("#sign_in_code=", ""), verifier };
      const { json, status } = await call(`${engine.url}/v1/sign-in/sessions`, { body });
      expect(status, hash).to.equal(201);
      return json.session;
    },
    async close() {
      client.close();
      await stage.close();
      await oidc.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function settingsOf(port: number, oidc: OidcServer): Record<string, string> {
  return {
    COLLECTE_PORT: String(port),
    OIDC_ISSUER: oidc.issuer,
    OIDC_CLIENT_ID: oidc.clientId,
    OIDC_CLIENT_SECRET: oidc.clientSecret,
    SIGN_IN_RETURNS: new URL(page).origin,
  };
}

/** All that this person has to do, from the mail to the code. */
export function signs(
  { world }: Cabinet,
  person: { email: string; phone: string },
  title: string,
): Promise<void> {
  return playSignatory(world, person, title);
}

/** The code of an SMS. */
export async function codeOf({ stage }: Cabinet, { phone }: { phone: string }): Promise<string> {
  return /\b\d{6}\b/.exec((await stage.smses.next(phone)).text)?.[0] ?? "";
}

/** What `verify` says of the collecte's first document. */
export async function verified({ ask, firm, read }: Cabinet, id: string): Promise<Json> {
  const { documents } = await read(id);
  const pdf = await firm.document(id, documents[0].id);
  return (await ask("/v1/verify", { body: new Uint8Array(pdf) })).json;
}

/** Looks again and again until it is there, for ten seconds at most. */
export async function sought<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (const begun = performance.now(); performance.now() - begun < 10_000; await sleep(50)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  return expect.fail(`never there: ${what}`);
}
