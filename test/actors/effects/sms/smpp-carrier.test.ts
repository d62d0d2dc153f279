import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import type { Carrier } from "../../../../src/actors/effects/sms/carrier.ts";
import { createSmppCarrier, type SmppDescription } from "../../../../src/actors/effects/sms/smpp-carrier.ts";
import { Retryable, type Terminal } from "../../../../src/actors/runtime/errors.ts";
import type { SmsReceipt } from "../../../../src/actors/runtime/ports.ts";
import { selfSigned } from "../../../support/self-signed.ts";
import { startSmsc, type TestSmsc } from "./smpp-server.ts";

const now = 1_800_000_000_000;
const sms = { to: "+33612340001", text: "Votre code est 123456 (réf. ab_-)", idempotencyKey: "col_1.3.0" };

describe("the SMPP gateway", () => {
  let smsc: TestSmsc;
  let carriers: Carrier[];
  let receipts: SmsReceipt[];
  let onReceipt: (receipt: SmsReceipt) => Promise<void>;

  beforeEach(async () => {
    smsc = await startSmsc();
    carriers = [];
    receipts = [];
    onReceipt = async (receipt) => void receipts.push(receipt);
  });
  afterEach(async () => {
    for (const carrier of carriers) carrier.close();
    await smsc.close();
  });

  const carrierOf = (more: Partial<SmppDescription> = {}, answerMs = 2_000, enquireMs = 60_000) => {
    const carrier = createSmppCarrier({
      description: {
        name: "smsc",
        kind: "smpp",
        host: "127.0.0.1",
        port: smsc.port,
        isSecure: false,
        systemId: "cabinet",
        password: "hush",
        systemType: "",
        from: "CABINET",
        window: 10,
        receiptIds: "same",
        ...more,
      },
      now: () => now,
      onReceipt: (receipt) => onReceipt(receipt),
      times: { answerMs, enquireMs, pausesMs: [10, 40] },
    });
    carriers.push(carrier);
    return carrier;
  };
  const failure = async (carrier: Carrier, text = sms.text): Promise<Retryable & Terminal> => {
    const caught = await carrier.submit({ ...sms, text }).catch((error: Error) => error);
    if (!(caught instanceof Error)) throw new Error("the SMS was sent");
    expect(`${caught.message} ${String(caught.cause)}`).not.to.match(/123456|33612340001|hush/);
    return caught as Retryable & Terminal;
  };
  const until = async (is: () => boolean) => {
    for (let turn = 0; turn < 500 && !is(); turn++) await sleep(10);
    expect(is()).to.equal(true);
  };

  it("sends an SMS of the default alphabet as a name to a number, and asks for a receipt", async () => {
    expect(await carrierOf().submit(sms)).to.deep.equal({ reference: "m1" });
    expect(smsc.binds[0]).to.include({ system_id: "cabinet", password: "hush", interface_version: 0x34 });
    const [pdu] = smsc.submitted;
    expect(pdu).to.include({
      source_addr_ton: 5,
      source_addr: "CABINET",
      dest_addr_ton: 1,
      dest_addr_npi: 1,
      destination_addr: "33612340001",
      registered_delivery: 1,
      data_coding: 0,
    });
    expect(pdu?.short_message?.message).to.equal(sms.text);
  });

  it("sends what the alphabet lacks in UCS-2, and what is long whole", async () => {
    const carrier = carrierOf({ from: "+33700000001" });
    await carrier.submit({ ...sms, text: "œ€" });
    await carrier.submit({ ...sms, text: "é{".repeat(150) });
    const [short, long] = smsc.submitted;
    expect(short).to.include({ data_coding: 8, source_addr_ton: 1, source_addr: "33700000001" });
    expect(short?.short_message?.message).to.equal("œ€");
    expect(long).to.include({ data_coding: 0 });
    expect(long?.short_message?.message).to.have.length(0);
    expect(long?.message_payload?.message).to.equal("é{".repeat(150));
  });

  it("knows what another try mends: a busy server, and not a number that there is not", async () => {
    const carrier = carrierOf();
    smsc.answer = () => ({ command_status: 0x58 });
    expect(await failure(carrier)).to.include({ code: "sms_away", retryAfterMs: 1_000, isDoubtful: false });
    smsc.answer = () => ({ command_status: 0x0b });
    expect(await failure(carrier)).to.include({ name: "Terminal", code: "sms_refused" });
    smsc.answer = () => ({ command_status: 0x0a });
    expect(await failure(carrier), "our own sender's name").to.include({
      name: "Retryable",
      isDoubtful: false,
    });
  });

  it("can't tell what has become of an SMS when the connection breaks or nobody answers", async () => {
    // Long enough for the test to fail, were the break not noticed.
    const patient = carrierOf({}, 60_000);
    smsc.answer = (_pdu, session) => void session.destroy();
    expect(await failure(patient)).to.include({ code: "sms_away", isDoubtful: true });
    smsc.answer = () => undefined;
    expect(await failure(carrierOf({}, 100))).to.include({ code: "sms_away", isDoubtful: true });
  });

  it("comes back by itself, and sent nothing while it was not bound", async () => {
    smsc.bindStatus = 0x0e;
    const carrier = carrierOf();
    expect(await failure(carrier)).to.include({ code: "sms_away", isDoubtful: false });
    smsc.bindStatus = 0;
    await until(() => smsc.sessions.length === 1);
    await until(() => smsc.sessions.length === 1);
    let sent: unknown;
    for (let turn = 0; turn < 100 && sent === undefined; turn++)
      sent = await carrier.submit(sms).catch(() => sleep(10));
    expect(sent).to.deep.equal({ reference: "m1" });
    expect(smsc.submitted).to.have.length(1);
  });

  it("leaves a connection that answers no more", async () => {
    smsc.answersEnquiries = false;
    carrierOf({}, 20, 20);
    await until(() => smsc.binds.length >= 2);
  });

  it("leaves a connection on which it reads what is no PDU", async () => {
    carrierOf();
    await until(() => smsc.sessions.length === 1);
    smsc.sessions[0]?.socket.write(Buffer.alloc(32, 0xff));
    await until(() => smsc.binds.length >= 2);
  });

  it("has no more SMS under way than its window", async () => {
    const carrier = carrierOf({ window: 2 });
    const held: (() => void)[] = [];
    smsc.answer = (pdu, session) => void held.push(() => session.send(pdu.response({ message_id: "x" })));
    const all = Promise.all([1, 2, 3, 4, 5].map(() => carrier.submit(sms)));
    for (let done = 0; done < 5; done++) {
      await until(() => held.length === 1 + (done < 4 ? 1 : 0));
      expect(smsc.submitted.length - done).to.be.at.most(2);
      held.shift()?.();
    }
    await all;
  });

  it("hears of deliveries, in the text or beside it, and of failures with their reason", async () => {
    const carrier = carrierOf();
    await carrier.submit(sms);
    const text = (id: string, stat: string) =>
      `id:${id} sub:001 dlvrd:001 submit date:2611231405 done date:2611231406 stat:${stat} err:000 text:Votre`;
    const deliver = (short_message: string, more = {}) => smsc.deliver({ short_message, ...more });
    expect(await deliver(text("000M1", "DELIVRD"))).to.equal(0);
    await deliver("", { receipted_message_id: "m2", message_state: 5 });
    await deliver(text("m3", "EXPIRED"));
    await deliver(text("m4", "ENROUTE"));
    await deliver(text("m5", "DELIVRD"), { esm_class: 0 });
    const told = { gateway: "smsc", at: now };
    expect(receipts).to.deep.equal([
      { ...told, reference: "m1", status: "delivered", code: "" },
      { ...told, reference: "m2", status: "failed", code: "sms_undelivered" },
      { ...told, reference: "m3", status: "failed", code: "sms_expired" },
    ]);
  });

  it("finds its SMS again where the server says hexadecimal first and decimal later, or the reverse", async () => {
    for (const [receiptIds, given, repeated] of [
      ["decimal_of_hex", "4A3F", "0000019007"],
      ["hex_of_decimal", "0000019007", "4a3f"],
    ] as const) {
      const carrier = carrierOf({ receiptIds });
      smsc.answer = () => ({ message_id: given });
      const { reference } = await carrier.submit(sms);
      await smsc.deliver({ short_message: `id:${repeated} stat:DELIVRD err:000` });
      await smsc.deliver({ receipted_message_id: given, message_state: 2 });
      expect(receipts.splice(0).map((one) => one.reference)).to.deep.equal([reference, reference]);
    }
  });

  it("asks for a receipt again that could not be kept", async () => {
    onReceipt = async () => {
      throw new Retryable("store_unavailable");
    };
    await carrierOf().submit(sms);
    expect(await smsc.deliver({ short_message: "id:m1 stat:DELIVRD err:000" })).to.equal(0x64);
  });

  it("speaks TLS, and to nobody whose certificate it does not trust", async () => {
    const { key, cert } = selfSigned("localhost");
    await smsc.close();
    smsc = await startSmsc({ key, cert });
    const place = { isSecure: true, host: "localhost" };
    expect(await failure(carrierOf(place, 500))).to.include({ code: "sms_away", isDoubtful: false });
    expect(await carrierOf({ ...place, trust: cert }).submit(sms)).to.deep.equal({ reference: "m1" });
  });
});
