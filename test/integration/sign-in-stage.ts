import { createHash, randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { expect } from "chai";
import { readSettings } from "../../config/settings.ts";
import { createSecrets } from "../../src/actors/runtime/secrets.ts";
import { startSmsSink } from "../../src/cli/sinks/sms-sink.ts";
import { systemClock } from "../../src/clock.ts";
import { startEngine } from "../../src/main.ts";
import { openStore } from "../../src/store/store.ts";
import { type Answer, call } from "../http/support/caller.ts";
import { openBrowser } from "../support/browser.ts";
import { startCasServer } from "../support/cas-server.ts";
import { temporaryFolder } from "../support/folders.ts";
import { startOidcServer } from "../support/oidc-server.ts";
import { freePort } from "../support/ports.ts";

/** Where people want to be once they signed in. */
export const page = "https://app.example.com/signed-in?from=mail";

export interface Invited {
  id: string;
  email: string;
  phone: string;
}

interface Trip {
  method?: "oidc" | "cas";
  firm?: string;
}

export type SignInStage = Awaited<ReturnType<typeof openSignInStage>>;

/** An engine with a firm, and two providers that its members sign in with. */
export async function openSignInStage() {
  const folder = await temporaryFolder();
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const oidc = await startOidcServer(`${base}/v1/sign-in/oidc/callback`);
  const cas = await startCasServer();
  const phones = await startSmsSink({});
  const settings = readSettings({
    COLLECTE_DATA: folder,
    COLLECTE_PORT: String(port),
    COLLECTE_LOG_LEVEL: "silent",
    OIDC_ISSUER: oidc.issuer,
    OIDC_CLIENT_ID: oidc.clientId,
    OIDC_CLIENT_SECRET: oidc.clientSecret,
    CAS_URL: cas.url,
    SIGN_IN_RETURNS: "https://app.example.com",
  });
  const engine = await startEngine(settings, { smtpUrl: "smtp://127.0.0.1:9", smsUrl: phones.url });
  // Beside the engine, as the commands work.
  const store = await openStore(folder, createSecrets(settings.secret), systemClock);
  const cabinet = { name: "Cabinet", email: "c@cabinet.example", country: "FR" };
  const { id: firmId } = await store.directory.addFirm(cabinet);
  const { apiKey: key } = await store.directory.addApiKey(firmId);
  let count = 0;

  /** Adds an expert, by the API. */
  async function invited(): Promise<Invited> {
    count += 1;
    const email = `expert${count}@cabinet.example`;
    const phone = `+336399800${String(count).padStart(2, "0")}`;
    const person = { role: "expert", rollNumber: "140012345", firstName: "Anne", lastName: "Durand" };
    const { json, status } = await call(`${base}/v1/members`, {
      bearer: key,
      body: { ...person, email, phone },
    });
    expect(status).to.equal(201);
    return { id: json.id, email, phone };
  }

  /** Signs in with a fresh browser; answers the fragment that the page was called with, and its verifier. */
  async function trip({ method = "oidc", firm }: Trip = {}): Promise<{ fragment: string; verifier: string }> {
    const verifier = randomBytes(32).toString("base64url");
    const challenge = createHash("sha256").update(verifier).digest("base64url");
    const query = new URLSearchParams({ return: page, challenge, ...(firm !== undefined && { firm }) });
    const came = await openBrowser().go(`${base}/v1/sign-in/${method}?${query}`, "https://app.example.com");
    expect(`${came.origin}${came.pathname}${came.search}`).to.equal(page);
    return { fragment: came.hash, verifier };
  }

  const exchanged = (fragment: string, verifier: string): Promise<Answer> =>
    call(`${base}/v1/sign-in/sessions`, {
      body: { code: fragment.replace("#sign_in_code=", ""), verifier },
    });

  async function signedIn(of: Trip = {}): Promise<string> {
    const { fragment, verifier } = await trip(of);
    const { status, json } = await exchanged(fragment, verifier);
    expect(status, fragment).to.equal(201);
    return json.session;
  }

  return {
    ...{ base, store, firmId, key, cas, phones },
    ...{ invited, trip, exchanged, signedIn },
    me: (bearer: string) => call(`${base}/v1/me`, { bearer }),
    /** Whom the provider takes the person before the browser for. */
    sits(subject: string, claims: Record<string, unknown>): void {
      oidc.who = subject;
      oidc.accounts.set(subject, claims);
    },
    async close() {
      await store.close();
      await engine.stop();
      await Promise.all([oidc.close(), cas.close(), phones.close()]);
      await rm(folder, { recursive: true });
    },
  };
}
