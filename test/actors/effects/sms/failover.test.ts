import { expect } from "chai";
import type { Carrier } from "../../../../src/actors/effects/sms/carrier.ts";
import { createFailover } from "../../../../src/actors/effects/sms/failover.ts";
import { Retryable, Terminal } from "../../../../src/actors/runtime/errors.ts";
import type { Sms, SmsReceipt } from "../../../../src/actors/runtime/ports.ts";
import { MemoryBook } from "./memory-book.ts";

const away = () => new Retryable("sms_away", { retryAfterMs: 7_000 });
const unknown = () => new Retryable("sms_away", { isDoubtful: true });
const refused = () => new Terminal("sms_refused");

describe("several SMS gateways", () => {
  let book: MemoryBook;
  let asked: string[];
  let now: number;
  let told: SmsReceipt[];
  let warnings: number;
  let answers: Record<string, (() => Error) | undefined>;

  beforeEach(() => {
    book = new MemoryBook();
    asked = [];
    now = 1_800_000_000_000;
    told = [];
    warnings = 0;
    answers = {};
  });

  const carrier = (name: string, knowsKeys: boolean): Carrier => ({
    name,
    knowsKeys,
    async submit() {
      asked.push(name);
      const failure = answers[name]?.();
      if (failure) throw failure;
      return { reference: `${name}-1` };
    },
    close: () => undefined,
  });
  const office = (knowsKeys = false) =>
    createFailover({
      carriers: [carrier("a", knowsKeys), carrier("b", knowsKeys)],
      book,
      clock: { now: () => now },
      log: { info: () => undefined, warn: () => (warnings += 1), error: () => undefined },
      onEarlyReceipt: async (receipt) => void told.push(receipt),
    });
  const sms = (idempotencyKey = "col_1.3.0"): Sms => {
    book.add({ effectId: idempotencyKey, firmId: "firm_1" });
    return { idempotencyKey, firmId: "firm_1", to: "+33612340001", text: "123456" };
  };
  const outcome = (send: Promise<{ reference: string }>) =>
    send.then(
      ({ reference }) => reference,
      (error: Retryable | Terminal) =>
        `${error.name} ${error.code}${"isDoubtful" in error && error.isDoubtful ? "?" : ""}`,
    );

  it("are asked in their order", async () => {
    expect(await outcome(office().send(sms()))).to.equal("a-1");
    expect(asked).to.deep.equal(["a"]);
  });

  it("help out where the first certainly did not take the SMS, or refuses it", async () => {
    const both = office();
    answers["a"] = away;
    expect(await outcome(both.send(sms("1")))).to.equal("b-1");
    answers["a"] = refused;
    expect(await outcome(both.send(sms("2")))).to.equal("b-1");
    expect(asked).to.deep.equal(["a", "b", "a", "b"]);
  });

  it("are not asked a second time for what may have gone out: it is never doubled", async () => {
    answers["a"] = unknown;
    expect(await outcome(office().send(sms()))).to.equal("Terminal sms_doubtful");
    expect(await outcome(office().send(sms()))).to.equal("Terminal sms_doubtful");
    expect(asked).to.deep.equal(["a"]);
  });

  it("that know keys are asked again for what may have gone out, and no other is", async () => {
    answers["a"] = unknown;
    expect(await outcome(office(true).send(sms()))).to.equal("Retryable sms_away");
    answers["a"] = away;
    expect(await outcome(office(true).send(sms()))).to.equal("Retryable sms_away");
    answers["a"] = undefined;
    expect(await outcome(office(true).send(sms()))).to.equal("a-1");
    expect(asked).to.deep.equal(["a", "a", "a"]);
  });

  it("were asked by a process that died: its SMS may be out", async () => {
    const one = sms();
    await book.ask(one.idempotencyKey, "a");
    expect(await outcome(office().send(one))).to.equal("Terminal sms_doubtful");
    await book.accepted(one.idempotencyKey, "a", "a-7");
    expect(await outcome(office().send(one))).to.equal("a-7");
    expect(asked).to.deep.equal([]);
  });

  it("leave an SMS to the process that was faster", async () => {
    const one = sms();
    const late = createFailover({
      carriers: [carrier("a", false)],
      book: { ...book, whereabouts: async () => ({}), ask: async () => false },
      clock: { now: () => now },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      onEarlyReceipt: async () => undefined,
    });
    expect(await outcome(late.send(one))).to.equal("Retryable sms_taken");
    expect(asked).to.deep.equal([]);
  });

  it("say that all are away, when they will be back, and that nobody has it", async () => {
    answers = { a: away, b: refused };
    const failure = await office()
      .send(sms())
      .catch((error: Retryable) => error);
    expect(failure).to.include({ code: "sms_away", retryAfterMs: 7_000, isDoubtful: false });
    expect(await book.whereabouts("col_1.3.0")).to.deep.equal({});
    answers = { a: refused, b: refused };
    expect(await outcome(office().send(sms()))).to.equal("Terminal sms_refused");
  });

  it("that fail three times in a row are asked last for a while, then first again", async () => {
    const both = office();
    answers["a"] = away;
    for (const id of ["1", "2", "3", "4"]) await both.send(sms(id));
    expect(asked).to.deep.equal(["a", "b", "a", "b", "a", "b", "b"]);
    expect(warnings).to.equal(1);
    asked = [];
    now += 30_000;
    await both.send(sms("5"));
    expect(asked, "one more failure, twice as long a rest").to.deep.equal(["a", "b"]);
    now += 59_999;
    await both.send(sms("6"));
    answers["a"] = undefined;
    now += 1;
    await both.send(sms("7"));
    await both.send(sms("8"));
    expect(asked).to.deep.equal(["a", "b", "b", "a", "a"]);
  });

  it("are taken at their word though nobody can write it down: what is out is not sent again", async () => {
    book.accepted = async () => {
      throw new Retryable("store_unavailable");
    };
    expect(await outcome(office().send(sms()))).to.equal("a-1");
    expect(asked).to.deep.equal(["a"]);
  });

  it("tell of a receipt that was faster than their answer", async () => {
    const receipt: SmsReceipt = { gateway: "a", reference: "a-1", status: "delivered", code: "", at: now };
    await book.owner(receipt);
    await office().send(sms());
    expect(told).to.deep.equal([receipt]);
  });
});
