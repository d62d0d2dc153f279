import { expect } from "chai";
import { call } from "../http/support/caller.ts";
import { openBrowser } from "../support/browser.ts";
import { openSignInStage, page, type SignInStage } from "./sign-in-stage.ts";

describe("a member who signs in", function () {
  this.timeout(60_000);
  let stage: SignInStage;
  before(async () => {
    stage = await openSignInStage();
  });
  after(() => stage.close());

  it("by OIDC is the member who was invited with the verified e-mail, in any case of letters", async () => {
    const { id, email } = await stage.invited();
    stage.sits("subject-1", { email: email.toUpperCase(), email_verified: true });
    const session = await stage.signedIn();
    expect(session).to.match(/^cs_[\w-]{43}$/);
    const { status, json } = await stage.me(session);
    expect([status, json.member.id, json.firm.id]).to.deep.equal([200, id, stage.firmId]);
    expect((await call(`${stage.base}/v1/collectes`, { bearer: session })).status).to.equal(200);
  });

  it("is known by the provider's own name from then on: an e-mail that changes hands opens nothing", async () => {
    const { id, email } = await stage.invited();
    stage.sits("subject-2", { email, email_verified: true });
    await stage.signedIn();
    stage.sits("subject-2", { email: "new.name@cabinet.example", email_verified: true });
    expect((await stage.me(await stage.signedIn())).json.member.id).to.equal(id);
    stage.sits("somebody-else", { email, email_verified: true });
    expect((await stage.trip()).fragment).to.equal("#sign_in_error=sign_in_unknown");
  });

  it("is nobody without a verified e-mail, or with an unknown one", async () => {
    const { email } = await stage.invited();
    stage.sits("subject-3", { email, email_verified: false });
    expect((await stage.trip()).fragment).to.equal("#sign_in_error=sign_in_unknown");
    stage.sits("subject-3", { email });
    expect((await stage.trip()).fragment).to.equal("#sign_in_error=sign_in_unknown");
    stage.sits("subject-3", { email: "nobody@cabinet.example", email_verified: true });
    expect((await stage.trip()).fragment).to.equal("#sign_in_error=sign_in_unknown");
  });

  it("of two firms says which", async () => {
    const { id, email } = await stage.invited();
    const other = await stage.store.directory.addFirm({
      name: "Other",
      email: "o@other.example",
      country: "FR",
    });
    const person = { firstName: "Anne", lastName: "Durand", email, phone: "+33639980099" };
    const there = await stage.store.directory.addMember({ firmId: other.id, ...person });
    stage.sits("subject-4", { email, email_verified: true });
    expect((await stage.trip()).fragment).to.equal("#sign_in_error=sign_in_ambiguous");
    expect((await stage.me(await stage.signedIn({ firm: other.id }))).json.member.id).to.equal(there.id);
    expect((await stage.me(await stage.signedIn({ firm: stage.firmId }))).json.member.id).to.equal(id);
    expect((await stage.trip()).fragment).to.equal("#sign_in_error=sign_in_ambiguous");
    expect((await stage.trip({ firm: "firm_x" })).fragment).to.equal("#sign_in_error=sign_in_unknown");
  });

  it("by CAS is the member who was invited, and then whom the server calls so", async () => {
    const { id, email } = await stage.invited();
    stage.cas.who = { user: "adurand", attributes: { mail: email } };
    expect((await stage.me(await stage.signedIn({ method: "cas" }))).json.member.id).to.equal(id);
    stage.cas.who = { user: "adurand", attributes: {} };
    expect((await stage.me(await stage.signedIn({ method: "cas" }))).json.member.id).to.equal(id);
    stage.cas.who = { user: "another", attributes: { mail: email } };
    expect((await stage.trip({ method: "cas" })).fragment).to.equal("#sign_in_error=sign_in_unknown");
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
      stage.cas.lie = lie;
      try {
        expect((await stage.trip({ method: "cas" })).fragment).to.equal("#sign_in_error=sign_in_failed");
      } finally {
        stage.cas.lie = undefined;
      }
    });

  it("comes back in the browser that set out, once", async () => {
    const { email } = await stage.invited();
    stage.sits("subject-5", { email, email_verified: true });
    const challenge = "c".repeat(43);
    const query = new URLSearchParams({ return: page, challenge });
    const browser = openBrowser();
    const back = await browser.go(
      `${stage.base}/v1/sign-in/oidc?${query}`,
      `${stage.base}/v1/sign-in/oidc/callback`,
    );
    const elsewhere = await openBrowser().visit(back.href);
    expect([elsewhere.status, ((await elsewhere.json()) as { code: string }).code]).to.deep.equal([
      403,
      "sign_in_failed",
    ]);
    const other = openBrowser();
    await other.visit(`${stage.base}/v1/sign-in/oidc?${query}`);
    const stolen = await other.visit(back.href);
    expect(stolen.headers.get("Location")).to.match(/#sign_in_error=sign_in_failed$/);
    const [first, second] = [await browser.visit(back.href), await browser.visit(back.href)];
    expect(first.headers.get("Location")).to.match(/#sign_in_code=[\w-]{43}$/);
    expect(second.status).to.equal(403);
  });

  it("carries a cookie that no script reads, and that is for this host alone", async () => {
    const query = new URLSearchParams({ return: page, challenge: "c".repeat(43) });
    const { headers, status } = await openBrowser().visit(`${stage.base}/v1/sign-in/oidc?${query}`);
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
      const { status, json } = await call(`${stage.base}/v1/sign-in/oidc?${query}`);
      expect([status, json.errors[0].field]).to.deep.equal([422, "return"]);
    });

  it("gets one session for a code, and none without the verifier", async () => {
    const { email } = await stage.invited();
    stage.sits("subject-6", { email, email_verified: true });
    const one = await stage.trip();
    expect((await stage.exchanged(one.fragment, "x".repeat(43))).json.code).to.equal("sign_in_failed");
    expect((await stage.exchanged(one.fragment, one.verifier)).status, "a guess spends it").to.equal(403);
    const two = await stage.trip();
    expect((await stage.exchanged(two.fragment, two.verifier)).status).to.equal(201);
    expect((await stage.exchanged(two.fragment, two.verifier)).status).to.equal(403);
  });

  it("is out after signing out, and after leaving the firm", async () => {
    const { id, email } = await stage.invited();
    stage.sits("subject-7", { email, email_verified: true });
    const [here, there] = [await stage.signedIn(), await stage.signedIn()];
    expect((await call(`${stage.base}/v1/me/session`, { method: "DELETE", bearer: here })).status).to.equal(
      204,
    );
    expect([(await stage.me(here)).status, (await stage.me(there)).status]).to.deep.equal([401, 200]);
    await stage.invited();
    const { status, json } = await call(`${stage.base}/v1/members/${id}`, {
      method: "DELETE",
      bearer: stage.key,
    });
    expect([status, typeof json.leftAt]).to.deep.equal([200, "string"]);
    expect((await stage.me(there)).json.code).to.equal("member_session_invalid");
    expect((await stage.trip()).fragment).to.equal("#sign_in_error=sign_in_unknown");
  });
});
