import { expect } from "chai";
import { type ApiClient, createApiClient } from "../../../examples/end-of-year/api-client.ts";
import { downloadSigned, playSignatory, type Stage } from "../../../examples/end-of-year/play-client.ts";
import { createSigningApi } from "../../../examples/end-of-year/signing-api.ts";
import { completed, invitation } from "../../../src/actors/effects/templates/notices.ts";
import { otpReference, otpSms } from "../../../src/actors/effects/templates/otp-sms.ts";
import { boxOf, type FakeEngine, mailOf, otpId, startFakeEngine } from "./fake-engine.ts";

const about = (title: string, language: "fr" | "en" = "fr") => ({
  language,
  firmName: "Cabinet 654321",
  title,
  recipientName: "Zoé",
  documents: 2,
});
const invited = (title: string, token: string, language?: "fr" | "en") =>
  mailOf(invitation({ ...about(title, language), url: `https://x.example/sign#${token}` }));
const done = (title: string, token: string) =>
  mailOf(completed({ ...about(title), url: `https://x.example/download#${token}` }));
const sms = (code: string, id: string, language: "fr" | "en" = "fr") => ({
  id: "sms_1",
  to: "+33612340001",
  idempotencyKey: "k",
  text: otpSms({
    language,
    firmName: "Cabinet 654321",
    code,
    reference: otpReference(id),
    lifeMs: 1_800_000,
  }),
});
const zoe = { email: "zoe@example.com", phone: "+33612340001" };

describe("a played client", () => {
  let engine: FakeEngine;
  let client: ApiClient;

  beforeEach(async () => {
    engine = await startFakeEngine();
    client = createApiClient(engine.url);
  });
  afterEach(async () => {
    client.close();
    await engine.close();
  });
  const stage = (mail: Stage["mail"], phone: Stage["sms"]): Stage => ({
    api: createSigningApi(client),
    mail,
    sms: phone,
  });

  for (const language of ["fr", "en"] as const) {
    it(`takes the right mail and the right code among several (${language})`, async () => {
      const mail = boxOf(
        invited("Lettre 10", "other-token", language),
        done("Lettre 1", "download-token"),
        invited("Lettre 1", "sign-token", language),
      );
      const phone = boxOf(sms("111111", "otherId"), sms("222222", otpId, language));
      await playSignatory(stage(mail, phone), zoe, "Lettre 1");
      const posts = engine.seen.filter(({ method }) => method === "POST");
      expect(posts.map(({ path, body }) => [path, JSON.parse(body)])).to.deep.equal([
        ["/v1/signing/sessions", { token: "sign-token" }],
        ["/v1/signing/consent", { documents: engine.announced.map(({ sha256 }) => sha256) }],
        ["/v1/signing/sign", { code: "222222", otpId }],
      ]);
      const read = engine.seen.filter(({ path }) => path.includes("/documents/"));
      expect(read.map(({ path, bearer }) => [path, bearer])).to.have.deep.members([
        ["/v1/signing/documents/doc_1", "Bearer sign-session"],
        ["/v1/signing/documents/doc_2", "Bearer sign-session"],
      ]);
    });
  }

  it("goes on where it was when answers are lost with their connections", async () => {
    for (const path of ["sessions", "consent", "sign"]) engine.losesAnswersOf.add(`/v1/signing/${path}`);
    const here = stage(boxOf(invited("Lettre", "sign-token")), boxOf(sms("222222", otpId)));
    await playSignatory(here, zoe, "Lettre");
    expect(engine.losesAnswersOf.size).to.equal(0);
    expect(JSON.parse(engine.seen.at(-1)?.body ?? "")).to.deep.equal({ code: "222222", otpId });
  });

  it("does not consent to another document than the one announced", async () => {
    engine.documents["doc_2"] = "another document";
    const played = playSignatory(stage(boxOf(invited("Lettre", "sign-token")), boxOf()), zoe, "Lettre");
    expect(await played.catch((error: Error) => error.message)).to.match(/not the one that was announced/);
    expect(engine.seen.map(({ path }) => path)).not.to.contain("/v1/signing/consent");
  });

  it("downloads the signed documents by the completion mail", async () => {
    const mail = boxOf(invited("Lettre", "sign-token"), done("Lettre", "download-token"));
    const documents = await downloadSigned(stage(mail, boxOf()), "zoe@example.com", "Lettre");
    expect(documents.map(({ id, pdf }) => [id, pdf.toString()])).to.deep.equal([
      ["doc_1", "first document"],
      ["doc_2", "second document"],
    ]);
  });

  it("takes a link to sign for nothing else", async () => {
    const mail = boxOf(done("Lettre", "sign-token"));
    const failure = await downloadSigned(stage(mail, boxOf()), "zoe@example.com", "Lettre").catch(
      (error: Error) => error.message,
    );
    expect(failure).to.equal("a link to download opened a session to sign");
  });
});
