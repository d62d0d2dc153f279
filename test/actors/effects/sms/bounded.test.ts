import { expect } from "chai";
import { createBoundedSms } from "../../../../src/actors/effects/sms/bounded.ts";
import type { FirmSettings, Sms } from "../../../../src/actors/runtime/ports.ts";
import { createSmsBudget } from "../../../../src/actors/runtime/sms-budget.ts";
import { thrownBy } from "../../../support/thrown.ts";
import { directory, secrets } from "../played.ts";
import { MemoryBook } from "./memory-book.ts";

describe("what a firm may send by SMS", () => {
  let book: MemoryBook;
  let sent: Sms[];
  let settings: FirmSettings;
  let now: number;
  let count: number;
  beforeEach(() => {
    book = new MemoryBook();
    sent = [];
    settings = {};
    now = Date.parse("2026-11-23T22:59:59Z");
    count = 0;
  });

  const ofFirm = {
    firm: async (id: string) => {
      const firm = await directory.firm(id);
      return firm && { ...firm, settings };
    },
  };
  const budget = () =>
    createSmsBudget({ book, directory: ofFirm, secrets, caps: { perNumber: 10, perFirm: 12 } });
  const send = async (to: string, idempotencyKey = `e${++count}`, firmId = "firm_1", ofMember = false) => {
    const about = { firmId: "firm_1", actorId: "col_1", actorKind: "collecte", notice: "otp", to: "s1" };
    const gateway = {
      async send(sms: Sms) {
        sent.push(sms);
        return { reference: "r" };
      },
    };
    return createBoundedSms({ gateway, budget: budget(), directory: ofFirm, clock: { now: () => now } }).send(
      {
        idempotencyKey,
        to,
        text: "123456",
        firmId,
        ...(!ofMember && { about }),
      },
    );
  };
  const code = async (to: string) => ((await thrownBy(send(to))) as { code?: string }).code;

  it("is ten SMS to a number in a calendar day of Paris, each counted once", async () => {
    for (let i = 0; i < 10; i++) await send("+33612340001");
    expect(await code("+33612340001")).to.equal("sms_number_cap");
    await send("+33612340001", "e3");
    expect(await budget().refusal("firm_1", "+33612340001", now)).to.equal("sms_number_cap");
    expect(await budget().refusal("firm_1", "+33612340002", now)).to.equal(undefined);
    now += 1_000;
    expect(await budget().refusal("firm_1", "+33612340001", now), "midnight in Paris").to.equal(undefined);
    await send("+33612340001");
    expect(sent).to.have.length(12);
  });

  it("is so many in all as the firm has chosen, or the operator", async () => {
    const number = () => `+3361234${1_000 + count}`;
    for (let i = 0; i < 12; i++) await send(number());
    expect(await code(number())).to.equal("sms_firm_cap");
    settings = { smsPerDay: 13 };
    await send(number());
    expect(await code(number())).to.equal("sms_firm_cap");
    expect(await budget().refusal("firm_1", "+33612349999", now)).to.equal("sms_firm_cap");
  });

  it("is bounded likewise when it goes to its members, and no firm uses up another's", async () => {
    settings = { smsCountries: ["FR"], smsPerDay: 2 };
    const toMember = (to: string, firmId: string) => send(to, undefined, firmId, true);
    const why = async (sending: Promise<unknown>) => ((await thrownBy(sending)) as { code?: string }).code;
    expect(await why(toMember("+23222123456", "firm_1"))).to.equal("phone_country_not_allowed");
    for (let i = 0; i < 2; i++) await toMember(`+3363998000${i}`, "firm_1");
    expect(await why(toMember("+33639980009", "firm_1"))).to.equal("sms_firm_cap");
    await toMember("+33639980009", "firm_2");
    expect(await budget().refusal("firm_1", "+33639980010", now)).to.equal("sms_firm_cap");
    expect(await budget().refusal("firm_2", "+33639980010", now)).to.equal(undefined);
  });

  it("goes to the countries that it allows, and nothing is counted for the others", async () => {
    settings = { smsCountries: ["FR", "BE"] };
    await send("+33639980001");
    await send("+32470123456");
    for (const elsewhere of ["+447400123456", "+23222123456", "+262692123456", "+88213123456"])
      expect(await code(elsewhere), elsewhere).to.equal("phone_country_not_allowed");
    expect(sent).to.have.length(2);
    expect([...book.counted.keys()].every((key) => !key.includes("+"))).to.equal(true);
    expect(book.entries.size).to.equal(2);
  });
});
