import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { dayOf } from "../../src/actors/runtime/rates.ts";
import { systemClock } from "../../src/clock.ts";
import { call } from "../http/support/caller.ts";
import { type Invited, openSignInStage, type SignInStage } from "./sign-in-stage.ts";

describe("a member who signed in and wants a certificate", function () {
  this.timeout(60_000);
  let stage: SignInStage;
  before(async () => {
    stage = await openSignInStage();
  });
  after(() => stage.close());

  let member: Invited;
  let session: string;
  beforeEach(async () => {
    member = await stage.invited();
    stage.sits(`subject-of-${member.id}`, { email: member.email, email_verified: true });
    session = await stage.signedIn();
  });

  const post = (path: string, body?: unknown, headers: Record<string, string> = {}) =>
    call(`${stage.base}/v1/me/certificate${path}`, {
      method: "POST",
      bearer: session,
      headers,
      ...(body !== undefined && { body }),
    });
  const codeOf = async () => /\b\d{6}\b/.exec((await stage.phones.next(member.phone)).text)?.[0] ?? "";
  const wrong = (code: string) => (code === "000000" ? "000001" : "000000");

  async function standing(status: string): Promise<Record<string, string>> {
    for (let tries = 0; tries < 200; tries++) {
      const { certificate } = (await stage.me(session)).json;
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
    expect((await stage.me(session)).json.certificate).to.deep.equal({ status: "none" });
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
    expect((await stage.store.keyring.ownedBy(member.id)).certificateDer).to.have.length.greaterThan(100);
  });

  it("has its codes counted among the SMS of the firm", async () => {
    const sent = async () =>
      (await stage.store.sms.counts(stage.firmId, "nobody's", dayOf(systemClock.now()))).firm;
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
    const entries = await stage.store.keyring.entries(member.id);
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
    expect(await stage.store.keyring.entries(member.id)).to.have.length(1);
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
    expect(await stage.store.keyring.entries(member.id)).to.have.length(1);
  });

  it("loses it with another e-mail", async () => {
    await made();
    const body = { email: `renamed.${member.email}` };
    expect(
      (await call(`${stage.base}/v1/members/${member.id}`, { method: "PATCH", bearer: stage.key, body }))
        .status,
    ).to.equal(200);
    expect((await standing("revoked"))["revokedAt"]).to.be.a("string");
  });

  it("loses it with another phone: codes that go elsewhere sign nothing with what this one confirmed", async () => {
    await made();
    const patch = (body: object) =>
      call(`${stage.base}/v1/members/${member.id}`, { method: "PATCH", bearer: stage.key, body });
    expect((await patch({ phone: member.phone, firstName: "Zoé" })).status).to.equal(200);
    expect((await standing("live"))["revokedAt"]).to.equal(undefined);
    expect((await patch({ phone: "+33639980097" })).status).to.equal(200);
    expect((await standing("revoked"))["revokedAt"]).to.be.a("string");
  });

  it("is told when the person or the phone has changed since the code was asked for", async () => {
    const { json } = await post("/codes");
    const code = await codeOf();
    const body = { phone: "+33639980098" };
    await call(`${stage.base}/v1/members/${member.id}`, { method: "PATCH", bearer: stage.key, body });
    const { json: told } = await post("", { otpId: json.otpId, code });
    expect(told.code).to.equal("bound_changed");
  });

  it("can't use the code in another session", async () => {
    const { json } = await post("/codes");
    const code = await codeOf();
    const other = await stage.signedIn();
    const { json: told } = await call(`${stage.base}/v1/me/certificate`, {
      bearer: other,
      body: { otpId: json.otpId, code },
    });
    expect(told.code).to.equal("session_changed");
  });

  it("may be helped by a program of the firm, which never learns the code", async () => {
    const headers = { "Acting-Member": member.id };
    const asked = await call(`${stage.base}/v1/me/certificate/codes`, {
      method: "POST",
      bearer: stage.key,
      headers,
    });
    expect(asked.text).not.to.include(await codeOf());
    expect(asked.status).to.equal(202);
  });
});
