import { expect } from "chai";
import { keys, type OpenDoor, openDoor } from "./support/a-door.ts";
import { applyOrdered, call, claire, launched, lukasz, sessionOf, signed } from "./support/caller.ts";

const minute = 60_000;

describe("a signatory", () => {
  let door: OpenDoor;
  const post = (path: string, session: string, body: unknown = {}) =>
    call(`${door.url}/v1/signing${path}`, { bearer: session, body });
  const get = (path: string, session: string) => call(`${door.url}/v1/signing${path}`, { bearer: session });
  const exchange = (token: string) => call(`${door.url}/v1/signing/sessions`, { body: { token } });

  beforeEach(async () => {
    door = await openDoor();
  });
  afterEach(() => door.close());

  it("sees what is to be signed, and of the own phone only its end", async () => {
    const { id, documents } = await launched(door, { message: "Merci !" });
    const { json, text } = await get("", await sessionOf(door, id, "s1"));
    expect(json).to.deep.equal({
      purpose: "sign",
      title: "Lettre de mission 2026",
      message: "Merci !",
      firm: { name: "Cabinet Lemoine & Associés" },
      language: "fr",
      state: "launched",
      expiresAt: "2025-12-16T09:00:00.000Z",
      signatory: { id: "s1", firstName: "Claire", lastName: "Dubœuf", phoneEnd: "78", status: "invited" },
      documents: [
        {
          id: documents[0].id,
          name: "Lettre.pdf",
          pages: 2,
          bytes: documents[0].bytes,
          sha256: documents[0].sha256,
        },
      ],
      consentText: "j'ai bien lu les informations du document et je souhaite maintenant signer",
    });
    expect(text).not.to.include("claire@").and.not.include("612345678");
  });

  it("reads the very bytes that will be signed", async () => {
    const { id, documents } = await launched(door);
    const { status, headers, text } = await get(
      `/documents/${documents[0].id}`,
      await sessionOf(door, id, "s1"),
    );
    expect(status).to.equal(200);
    expect(text).to.match(/^%PDF-/);
    expect(headers.get("ETag")).to.equal(`"${documents[0].sha256}"`);
    expect(headers.get("Content-Disposition")).to.match(/^inline; /);
  });

  it("consents, receives a code, signs with it, and is asked no more", async () => {
    const { id, documents } = await launched(door);
    const session = await sessionOf(door, id, "s1");
    const consent = await post("/consent", session, { documents: [documents[0].sha256] });
    expect(consent.status).to.equal(202);
    expect(consent.json).to.include({ phoneEnd: "78", expiresAt: "2025-12-01T09:30:00.000Z" });
    const { json } = await get("", session);
    expect(json.otp).to.deep.equal({
      id: consent.json.otpId,
      expiresAt: "2025-12-01T09:30:00.000Z",
      canResendAt: "2025-12-01T09:01:00.000Z",
    });
    const code = door.engine.lastCode();
    const signature = await post("/sign", session, { code, otpId: consent.json.otpId });
    expect([signature.status, signature.json]).to.deep.equal([202, { status: "signing" }]);
    const again = await post("/sign", session, { code });
    expect([again.status, again.json.code]).to.deep.equal([409, "signature_in_progress"]);
    await applyOrdered(door, id);
    const after = await get("", session);
    expect(after.json.signatory.status).to.equal("signed");
    const third = await post("/sign", session, { code });
    expect(third.json.code).to.equal("already_signed");
  });

  it("leaves on the record where the acts came from, and which words were ticked", async () => {
    const { id } = await launched(door);
    await signed(door, await sessionOf(door, id, "s1"));
    const consent = door.engine.accepted
      .map(({ command }) => command)
      .find(({ type }) => type === "GiveConsent");
    expect(consent).to.have.nested.property("personal.trace.ip", "127.0.0.1");
    expect(consent)
      .to.have.property("consentText")
      .that.matches(/^j'ai bien lu/);
  });

  it("signs once, however many right answers arrive at once", async () => {
    const { id } = await launched(door);
    const session = await sessionOf(door, id, "s1");
    await post("/consent", session);
    const code = door.engine.lastCode();
    const answers = await Promise.all(Array.from({ length: 100 }, () => post("/sign", session, { code })));
    expect(answers.filter(({ status }) => status === 202)).to.have.length(1);
  });

  it("is told how many tries are left, until none is", async () => {
    const { id } = await launched(door);
    const session = await sessionOf(door, id, "s1");
    await post("/consent", session);
    const wrong = door.engine.lastCode() === "000000" ? "000001" : "000000";
    const left: number[] = [];
    for (let i = 0; i < 5; i++) {
      const { status, json } = await post("/sign", session, { code: wrong });
      expect([status, json.code]).to.deep.equal([422, "otp_wrong"]);
      left.push(json.triesLeft);
    }
    expect(left).to.deep.equal([4, 3, 2, 1, 0]);
    const { status, json } = await post("/sign", session, { code: door.engine.lastCode() });
    expect([status, json.code]).to.deep.equal([410, "otp_used_up"]);
  });

  it("may ask for another code after a minute, and Retry-After says when", async () => {
    const { id } = await launched(door);
    const session = await sessionOf(door, id, "s1");
    await post("/consent", session);
    door.clock.instant += 20_000;
    const early = await post("/consent", session);
    expect([early.status, early.json.code, early.json.retryAfterSeconds]).to.deep.equal([
      429,
      "otp_too_soon",
      40,
    ]);
    expect(early.headers.get("Retry-After")).to.equal("40");
    for (let i = 0; i < 2; i++) {
      door.clock.instant += minute;
      expect((await post("/consent", session)).status).to.equal(202);
    }
    expect((await get("", session)).json.otp.canResendAt).to.equal("2025-12-01T09:30:00.000Z");
    door.clock.instant += minute;
    const fourth = await post("/consent", session);
    expect([fourth.status, fourth.json.code]).to.deep.equal([429, "otp_too_many"]);
  });

  it("can't use a code after 30 minutes", async () => {
    const { id } = await launched(door);
    const session = await sessionOf(door, id, "s1");
    await post("/consent", session);
    door.clock.instant += 30 * minute;
    const { status, json } = await post("/sign", session, { code: door.engine.lastCode() });
    expect([status, json.code]).to.deep.equal([410, "otp_expired"]);
    expect((await get("", session)).json).not.to.have.property("otp");
  });

  it("can't sign before consenting, nor with another session's code", async () => {
    const { id } = await launched(door);
    const one = await sessionOf(door, id, "s1");
    const other = await sessionOf(door, id, "s1");
    expect((await post("/sign", one, { code: "123456" })).json.code).to.equal("consent_needed");
    await post("/consent", one);
    const { json } = await post("/sign", other, { code: door.engine.lastCode() });
    expect(json.code).to.equal("session_changed");
    expect((await get("", other)).json).not.to.have.property("otp");
  });

  it("can't consent to documents that are no longer these", async () => {
    const { id } = await launched(door);
    const { status, json } = await post("/consent", await sessionOf(door, id, "s1"), {
      documents: ["a".repeat(64)],
    });
    expect([status, json.code]).to.deep.equal([409, "documents_changed"]);
  });

  for (const body of [
    { code: "12345" },
    { code: "1234567" },
    { code: "12345a" },
    { code: 123456 },
    {},
    { kode: "1" },
  ]) {
    it(`can't sign with ${JSON.stringify(body)}`, async () => {
      const { id } = await launched(door);
      const { status, json } = await post("/sign", await sessionOf(door, id, "s1"), body);
      expect([status, json.code]).to.deep.equal([422, "invalid_request"]);
    });
  }

  it("may refuse, with a reason, and the firm reads it", async () => {
    const { id } = await launched(door);
    const session = await sessionOf(door, id, "s1");
    const { status, json } = await post("/refuse", session, { reason: "Le montant est faux." });
    expect([status, json]).to.deep.equal([200, { status: "refused" }]);
    const seen = await call(`${door.url}/v1/collectes/${id}`, { bearer: keys.cabinet });
    expect(seen.json).to.include({ state: "refused", refusalReason: "Le montant est faux." });
    expect(seen.json.history.at(-1)).to.include({ type: "CollecteRefused", reason: "Le montant est faux." });
    expect((await post("/consent", session)).json.code).to.equal("collecte_ended");
    expect((await get("", session)).json.state).to.equal("refused");
    expect((await exchange(door.engine.tokenOf(id, "s1"))).json.code).to.equal("link_dead");
  });

  it("may refuse without a word", async () => {
    const { id } = await launched(door);
    const url = `${door.url}/v1/signing/refuse`;
    const { status } = await call(url, { method: "POST", bearer: await sessionOf(door, id, "s1") });
    expect(status).to.equal(200);
  });

  it("does not find documents of other collectes", async () => {
    const { id } = await launched(door);
    const other = await launched(door);
    const { status } = await get(`/documents/${other.documents[0].id}`, await sessionOf(door, id, "s1"));
    expect(status).to.equal(404);
  });

  it("waits while another of the step signs, and then signs with the code that was sent", async () => {
    const { id } = await launched(door, { steps: [{ signatories: [claire, lukasz] }] });
    const [one, two] = [await sessionOf(door, id, "s1"), await sessionOf(door, id, "s2")];
    await post("/consent", two);
    const code = door.engine.lastCode();
    await signed(door, one);
    expect((await post("/refuse", two)).json.code).to.equal("signature_in_progress");
    await applyOrdered(door, id);
    expect((await post("/sign", two, { code })).status).to.equal(202);
  });
});
