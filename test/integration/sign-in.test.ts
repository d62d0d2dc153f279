import { createHash, randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { readSettings } from "../../config/settings.ts";
import { dayOf } from "../../src/actors/runtime/rates.ts";
import { createSecrets } from "../../src/actors/runtime/secrets.ts";
import { type SmsSink, startSmsSink } from "../../src/cli/sinks/sms-sink.ts";
import { systemClock } from "../../src/clock.ts";
import { type Engine, startEngine } from "../../src/main.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { type Answer, call } from "../http/support/caller.ts";
import { openBrowser } from "../support/browser.ts";
import { type CasServer, startCasServer } from "../support/cas-server.ts";
import { temporaryFolder } from "../support/folders.ts";
import { type OidcServer, startOidcServer } from "../support/oidc-server.ts";
import { freePort } from "../support/ports.ts";

const page = "https://app.example.com/signed-in?from=mail";

describe("a member who signs in", function () {
  this.timeout(60_000);
  let folder: string;
  let engine: Engine;
  let store: Store;
  let base: string;
  let oidc: OidcServer;
  let cas: CasServer;
  let phones: SmsSink;
  let key: string;
  let firmId: string;
  let count = 0;

  before(async () => {
    folder = await temporaryFolder();
    const port = await freePort();
    base = `http://127.0.0.1:${port}`;
    oidc = await startOidcServer(`${base}/v1/sign-in/oidc/callback`);
    cas = await startCasServer();
    phones = await startSmsSink({});
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
    engine = await startEngine(settings, { smtpUrl: "smtp://127.0.0.1:9", smsUrl: phones.url });
    // Beside the engine, as the commands work.
    store = await openStore(folder, createSecrets(settings.secret), systemClock);
    firmId = (await store.directory.addFirm({ name: "Cabinet", email: "c@cabinet.example", country: "FR" }))
      .id;
    key = (await store.directory.addApiKey(firmId)).apiKey;
  });
  after(async () => {
    await store?.close();
    await engine?.stop();
    await Promise.all([oidc?.close(), cas?.close(), phones?.close()]);
    await rm(folder, { recursive: true });
  });

  interface Invited {
    id: string;
    email: string;
    phone: string;
  }

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

  interface Trip {
    method?: "oidc" | "cas";
    firm?: string;
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

  const me = (bearer: string) => call(`${base}/v1/me`, { bearer });

  /** Whom the provider takes the person before the browser for. */
  function sits(subject: string, claims: Record<string, unknown>): void {
    oidc.who = subject;
    oidc.accounts.set(subject, claims);
  }

  it("by OIDC is the member who was invited with the verified e-mail, in any case of letters", async () => {
    const { id, email } = await invited();
    sits("subject-1", { email: email.toUpperCase(), email_verified: true });
    const session = await signedIn();
    expect(session).to.match(/^cs_[\w-]{43}$/);
    const { status, json } = await me(session);
    expect([status, json.member.id, json.firm.id]).to.deep.equal([200, id, firmId]);
    expect((await call(`${base}/v1/collectes`, { bearer: session })).status).to.equal(200);
  });

  it("is known by the provider's own name from then on: an e-mail that changes hands opens nothing", async () => {
    const { id, email } = await invited();
    sits("subject-2", { email, email_verified: true });
    await signedIn();
    sits("subject-2", { email: "new.name@cabinet.example", email_verified: true });
    expect((await me(await signedIn())).json.member.id).to.equal(id);
    sits("somebody-else", { email, email_verified: true });
    expect((await trip()).fragment).to.equal("#sign_in_error=sign_in_unknown");
  });

  it("is nobody without a verified e-mail, or with an unknown one", async () => {
    const { email } = await invited();
    sits("subject-3", { email, email_verified: false });
    expect((await trip()).fragment).to.equal("#sign_in_error=sign_in_unknown");
    sits("subject-3", { email });
    expect((await trip()).fragment).to.equal("#sign_in_error=sign_in_unknown");
    sits("subject-3", { email: "nobody@cabinet.example", email_verified: true });
    expect((await trip()).fragment).to.equal("#sign_in_error=sign_in_unknown");
  });

  it("of two firms says which", async () => {
    const { id, email } = await invited();
    const other = await store.directory.addFirm({ name: "Other", email: "o@other.example", country: "FR" });
    const person = { firstName: "Anne", lastName: "Durand", email, phone: "+33639980099" };
    const there = await store.directory.addMember({ firmId: other.id, ...person });
    sits("subject-4", { email, email_verified: true });
    expect((await trip()).fragment).to.equal("#sign_in_error=sign_in_ambiguous");
    expect((await me(await signedIn({ firm: other.id }))).json.member.id).to.equal(there.id);
    expect((await me(await signedIn({ firm: firmId }))).json.member.id).to.equal(id);
    expect((await trip()).fragment).to.equal("#sign_in_error=sign_in_ambiguous");
    expect((await trip({ firm: "firm_x" })).fragment).to.equal("#sign_in_error=sign_in_unknown");
  });

  it("by CAS is the member who was invited, and then whom the server calls so", async () => {
    const { id, email } = await invited();
    cas.who = { user: "adurand", attributes: { mail: email } };
    expect((await me(await signedIn({ method: "cas" }))).json.member.id).to.equal(id);
    cas.who = { user: "adurand", attributes: {} };
    expect((await me(await signedIn({ method: "cas" }))).json.member.id).to.equal(id);
    cas.who = { user: "another", attributes: { mail: email } };
    expect((await trip({ method: "cas" })).fragment).to.equal("#sign_in_error=sign_in_unknown");
  });

  for (const [what, lie] of [
    ["refuses the ticket", "<r><authenticationFailure code='X'/></r>"],
    [
      "declares entities",
      "<!DOCTYPE r [<!ENTITY a 'adurand'>]><serviceResponse><authenticationSuccess><user>&a;</user></authenticationSuccess></serviceResponse>",
    ],
    [
      "names two users",
      "<serviceResponse><authenticationSuccess><user>adurand</user><user>b</user></authenticationSuccess></serviceResponse>",
    ],
    ["answers no XML", "adurand"],
    ["answers an unclosed element", "<serviceResponse><authenticationSuccess><user>adurand</user>"],
  ] as const)
    it(`is nobody when the CAS server ${what}`, async () => {
      cas.lie = lie;
      try {
        expect((await trip({ method: "cas" })).fragment).to.equal("#sign_in_error=sign_in_failed");
      } finally {
        cas.lie = undefined;
      }
    });

  it("comes back in the browser that set out, once", async () => {
    const { email } = await invited();
    sits("subject-5", { email, email_verified: true });
    const challenge = "c".repeat(43);
    const query = new URLSearchParams({ return: page, challenge });
    const browser = openBrowser();
    const back = await browser.go(`${base}/v1/sign-in/oidc?${query}`, `${base}/v1/sign-in/oidc/callback`);
    const elsewhere = await openBrowser().visit(back.href);
    expect([elsewhere.status, ((await elsewhere.json()) as { code: string }).code]).to.deep.equal([
      403,
      "sign_in_failed",
    ]);
    const other = openBrowser();
    await other.visit(`${base}/v1/sign-in/oidc?${query}`);
    const stolen = await other.visit(back.href);
    expect(stolen.headers.get("Location")).to.match(/#sign_in_error=sign_in_failed$/);
    const [first, second] = [await browser.visit(back.href), await browser.visit(back.href)];
    expect(first.headers.get("Location")).to.match(/#sign_in_code=[\w-]{43}$/);
    expect(second.status).to.equal(403);
  });

  it("carries a cookie that no script reads, and that is for this host alone", async () => {
    const query = new URLSearchParams({ return: page, challenge: "c".repeat(43) });
    const { headers, status } = await openBrowser().visit(`${base}/v1/sign-in/oidc?${query}`);
    expect(status).to.equal(303);
    const [cookie = ""] = headers.getSetCookie();
    expect(cookie).to.match(
      /^__Host-collecte-sign-in=[\w-]+; Max-Age=600; Path=\/;.* HttpOnly; Secure; SameSite=Lax$/,
    );
    const asked = new URL(headers.get("Location") ?? "").searchParams;
    expect(asked.get("code_challenge_method")).to.equal("S256");
    expect(asked.get("nonce")).to.have.length.greaterThan(20);
  });

  for (const back of [
    "https://evil.example/",
    "https://app.example.com.evil.example/",
    "https://app.example.com@evil.example/",
    "https://user:word@app.example.com/",
    "http://app.example.com/",
    "//evil.example",
    "/signed-in",
    "javascript:alert(1)",
    "blob:https://app.example.com/",
  ])
    it(`is not sent to ${back}`, async () => {
      const query = new URLSearchParams({ return: back, challenge: "c".repeat(43) });
      const { status, json } = await call(`${base}/v1/sign-in/oidc?${query}`);
      expect([status, json.errors[0].field]).to.deep.equal([422, "return"]);
    });

  it("gets one session for a code, and none without the verifier", async () => {
    const { email } = await invited();
    sits("subject-6", { email, email_verified: true });
    const one = await trip();
    expect((await exchanged(one.fragment, "x".repeat(43))).json.code).to.equal("sign_in_failed");
    expect((await exchanged(one.fragment, one.verifier)).status, "a guess spends it").to.equal(403);
    const two = await trip();
    expect((await exchanged(two.fragment, two.verifier)).status).to.equal(201);
    expect((await exchanged(two.fragment, two.verifier)).status).to.equal(403);
  });

  it("is out after signing out, and after leaving the firm", async () => {
    const { id, email } = await invited();
    sits("subject-7", { email, email_verified: true });
    const [here, there] = [await signedIn(), await signedIn()];
    expect((await call(`${base}/v1/me/session`, { method: "DELETE", bearer: here })).status).to.equal(204);
    expect([(await me(here)).status, (await me(there)).status]).to.deep.equal([401, 200]);
    await invited();
    const { status, json } = await call(`${base}/v1/members/${id}`, { method: "DELETE", bearer: key });
    expect([status, typeof json.leftAt]).to.deep.equal([200, "string"]);
    expect((await me(there)).json.code).to.equal("member_session_invalid");
    expect((await trip()).fragment).to.equal("#sign_in_error=sign_in_unknown");
  });

  describe("and wants a certificate", () => {
    let member: Invited;
    let session: string;
    beforeEach(async () => {
      member = await invited();
      sits(`subject-of-${member.id}`, { email: member.email, email_verified: true });
      session = await signedIn();
    });

    const post = (path: string, body?: unknown, headers: Record<string, string> = {}) =>
      call(`${base}/v1/me/certificate${path}`, {
        method: "POST",
        bearer: session,
        headers,
        ...(body !== undefined && { body }),
      });
    const codeOf = async () => /\b\d{6}\b/.exec((await phones.next(member.phone)).text)?.[0] ?? "";
    const wrong = (code: string) => (code === "000000" ? "000001" : "000000");

    async function standing(status: string): Promise<Record<string, string>> {
      for (let tries = 0; tries < 200; tries++) {
        const { certificate } = (await me(session)).json;
        if (certificate.status === status) return certificate;
        await sleep(25);
      }
      return expect.fail(`the certificate is never ${status}`);
    }

    async function made(): Promise<Record<string, string>> {
      const { json } = await post("/codes");
      const { status } = await post("", { otpId: json.otpId, code: await codeOf() });
      expect(status).to.equal(202);
      return standing("live");
    }

    it("makes it with the code of the SMS, for three years", async () => {
      expect((await me(session)).json.certificate).to.deep.equal({ status: "none" });
      const asked = await post("/codes");
      expect([asked.status, asked.json.phoneEnd]).to.deep.equal([202, member.phone.slice(-2)]);
      const code = await codeOf();
      const failed = await post("", { otpId: asked.json.otpId, code: wrong(code) });
      expect([failed.status, failed.json.code, failed.json.triesLeft]).to.deep.equal([422, "otp_wrong", 4]);
      expect((await post("", { otpId: asked.json.otpId, code })).status).to.equal(202);
      const certificate = await standing("live");
      const years =
        (Date.parse(certificate["notAfter"] ?? "") - Date.parse(certificate["notBefore"] ?? "")) / 86_400_000;
      expect(years).to.be.within(3 * 365, 3 * 365 + 2);
      expect((await store.keyring.ownedBy(member.id)).certificateDer).to.have.length.greaterThan(100);
    });

    it("has its codes counted among the SMS of the firm", async () => {
      const sent = async () => (await store.sms.counts(firmId, "nobody's", dayOf(systemClock.now()))).firm;
      const before = await sent();
      await post("/codes");
      await codeOf();
      expect(await sent()).to.equal(before + 1);
    });

    it("has one at a time: a second is refused until the first is revoked, and both stay on the record", async () => {
      const first = await made();
      expect((await post("/codes")).json.code).to.equal("certificate_exists");
      expect((await post("/revocation")).json.certificate.status).to.equal("revoked");
      expect((await post("/revocation")).json.code).to.equal("certificate_missing");
      const again = await post("/codes");
      expect(again.json.code, "60 s between codes").to.equal("otp_too_soon");
      const entries = await store.keyring.entries(member.id);
      expect(entries.map(({ revokedAt }) => revokedAt !== undefined)).to.deep.equal([true]);
      expect(first["serial"]).to.match(/^[0-9a-f]+$/);
    });

    it("gets one for a hundred right answers at once", async () => {
      const { json } = await post("/codes");
      const code = await codeOf();
      const answers = await Promise.all(
        Array.from({ length: 100 }, () => post("", { otpId: json.otpId, code })),
      );
      expect(answers.filter(({ status }) => status === 202)).to.have.length(1);
      await standing("live");
      expect(await store.keyring.entries(member.id)).to.have.length(1);
    });

    it("repeats a request with its key and changes nothing", async () => {
      const headers = { "Idempotency-Key": "once" };
      const first = await post("/codes", undefined, headers);
      const second = await post("/codes", undefined, headers);
      expect(second.json).to.deep.equal(first.json);
      const code = await codeOf();
      const body = { otpId: first.json.otpId, code };
      const sent = [await post("", body, headers), await post("", body, headers)];
      expect(sent.map(({ status }) => status)[0]).to.equal(202);
      await standing("live");
      expect(await store.keyring.entries(member.id)).to.have.length(1);
    });

    it("loses it with another e-mail", async () => {
      await made();
      const body = { email: `renamed${count}@cabinet.example` };
      expect(
        (await call(`${base}/v1/members/${member.id}`, { method: "PATCH", bearer: key, body })).status,
      ).to.equal(200);
      expect((await standing("revoked"))["revokedAt"]).to.be.a("string");
    });

    it("loses it with another phone: codes that go elsewhere sign nothing with what this one confirmed", async () => {
      await made();
      const patch = (body: object) =>
        call(`${base}/v1/members/${member.id}`, { method: "PATCH", bearer: key, body });
      expect((await patch({ phone: member.phone, firstName: "Zoé" })).status).to.equal(200);
      expect((await standing("live"))["revokedAt"]).to.equal(undefined);
      expect((await patch({ phone: "+33639980097" })).status).to.equal(200);
      expect((await standing("revoked"))["revokedAt"]).to.be.a("string");
    });

    it("is told when the person or the phone has changed since the code was asked for", async () => {
      const { json } = await post("/codes");
      const code = await codeOf();
      const body = { phone: "+33639980098" };
      await call(`${base}/v1/members/${member.id}`, { method: "PATCH", bearer: key, body });
      const { json: told } = await post("", { otpId: json.otpId, code });
      expect(told.code).to.equal("bound_changed");
    });

    it("can't use the code in another session", async () => {
      const { json } = await post("/codes");
      const code = await codeOf();
      const other = await signedIn();
      const { json: told } = await call(`${base}/v1/me/certificate`, {
        bearer: other,
        body: { otpId: json.otpId, code },
      });
      expect(told.code).to.equal("session_changed");
    });

    it("may be helped by a program of the firm, which never learns the code", async () => {
      const headers = { "Acting-Member": member.id };
      const asked = await call(`${base}/v1/me/certificate/codes`, { method: "POST", bearer: key, headers });
      expect(asked.text).not.to.include(await codeOf());
      expect(asked.status).to.equal(202);
    });
  });
});
