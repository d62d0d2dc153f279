import { expect } from "chai";
import type { FirmSettings, SmsReceiptCall } from "../../src/actors/runtime/ports.ts";
import { expert, keys, type OpenDoor, openDoor } from "./support/a-door.ts";
import { call, claire, launched, lukasz, sessionOf, uploaded } from "./support/caller.ts";

describe("SMS at the door", () => {
  let door: OpenDoor;
  beforeEach(async () => {
    door = await openDoor();
  });
  afterEach(() => door.close());

  const choose = async (settings: FirmSettings) => {
    const firm = await door.door.directory.firm("frm_cabinet");
    Object.assign(firm ?? {}, { settings });
  };
  const consent = (bearer: string, headers: Record<string, string> = {}) =>
    call(`${door.url}/v1/signing/consent`, { bearer, body: {}, headers });

  it("are promised to no number and by no firm that had its fill, in French and English, until midnight", async () => {
    const { id } = await launched(door);
    const session = await sessionOf(door, id, "s1");
    for (const [refusal, title, titel] of [
      [
        "sms_number_cap",
        "No more codes can be sent to this phone today",
        "Plus aucun code ne peut être envoyé à ce",
      ],
      ["sms_firm_cap", "No more codes can be sent today", "Plus aucun code ne peut être envoyé aujourd'hui"],
    ] as const) {
      door.sms.refusal = refusal;
      const english = await consent(session);
      expect([english.status, english.json.code, english.json.title]).to.deep.equal([429, refusal, title]);
      // 10:00 in Paris.
      expect(english.headers.get("Retry-After")).to.equal(String(14 * 3_600));
      const french = await consent(session, { "Accept-Language": "fr" });
      expect(french.json.title).to.contain(titel);
    }
    const headers = { "Acting-Member": expert.id };
    const ofMember = await call(`${door.url}/v1/me/certificate/codes`, {
      method: "POST",
      bearer: keys.cabinet,
      headers,
    });
    expect([ofMember.status, ofMember.json.code]).to.deep.equal([429, "sms_firm_cap"]);
    door.sms.refusal = undefined;
    expect((await consent(session)).status).to.equal(202);
  });

  it("that were sent are answered again to a repeated request, whatever the caps are now", async () => {
    const { id } = await launched(door);
    const session = await sessionOf(door, id, "s1");
    const key = { "Idempotency-Key": "k-1" };
    const first = await consent(session, key);
    door.sms.refusal = "sms_number_cap";
    const again = await consent(session, key);
    expect([again.status, again.json]).to.deep.equal([202, first.json]);
  });

  it("bring a strict firm's codes, which are good for 10 minutes to the millisecond", async () => {
    await choose({ strictCodes: true });
    const { id } = await launched(door);
    const bearer = await sessionOf(door, id, "s1");
    const { json } = await consent(bearer);
    expect(Date.parse(json.expiresAt)).to.equal(door.clock.instant + 10 * 60_000);
    const sign = (code: string) => call(`${door.url}/v1/signing/sign`, { bearer, body: { code } });
    const code = door.engine.lastCode();
    door.clock.instant += 10 * 60_000;
    const late = await sign(code);
    expect([late.status, late.json.code]).to.deep.equal([410, "otp_expired"]);
    await consent(bearer);
    door.clock.instant += 10 * 60_000 - 1;
    expect((await sign(door.engine.lastCode())).status).to.equal(202);
  });

  it("go to the countries that the firm allows: a collecte with others is refused, field by field", async () => {
    await choose({ smsCountries: ["BE"] });
    const document = await uploaded(door);
    const create = (steps: unknown[]) =>
      call(`${door.url}/v1/collectes`, {
        bearer: keys.cabinet,
        body: { title: "Bilan", documents: [document], steps },
      });
    const belgian = { ...claire, email: "b@client.example", phone: "+32 470 12 34 56" };
    const { status, json } = await create([{ signatories: [belgian, lukasz] }, { member: "mem_expert" }]);
    expect([status, json.code]).to.deep.equal([422, "invalid_request"]);
    expect(
      json.errors.map(({ field, code }: { field: string; code: string }) => [field, code]),
    ).to.deep.equal([
      ["steps/0/signatories/1/phone", "phone_country_not_allowed"],
      ["steps/1/member", "phone_country_not_allowed"],
    ]);
    expect((await create([{ signatories: [belgian] }])).status).to.equal(201);
    await choose({});
  });

  it("have receipts, which go on as they came: bytes, headers and the secret of the path", async () => {
    const calls: [string, SmsReceiptCall][] = [];
    door.door.smsReceipts.take = async (gateway, received) => {
      calls.push([gateway, received]);
      return "taken";
    };
    const body = Buffer.from("id=1&status=ok");
    const { status, text } = await call(`${door.url}/v1/sms/receipts/main/the-secret`, {
      body,
      headers: { "Content-Type": "application/x-www-form-urlencoded", "X-Signature": "abc" },
    });
    expect([status, text]).to.deep.equal([204, ""]);
    const [[gateway, received] = expect.fail()] = calls;
    expect([gateway, received.pathSecret, received.header("x-signature")]).to.deep.equal([
      "main",
      "the-secret",
      "abc",
    ]);
    expect(Buffer.from(received.body).equals(body)).to.equal(true);
    const huge = await call(`${door.url}/v1/sms/receipts/main`, { body: Buffer.alloc(300_000) });
    expect([huge.status, calls.length]).to.deep.equal([413, 1]);
  });
});
