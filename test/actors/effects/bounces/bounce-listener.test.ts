import { expect } from "chai";
import { createTransport, type Transporter } from "nodemailer";
import {
  type BounceListener,
  startBounceListener,
} from "../../../../src/actors/effects/bounces/bounce-listener.ts";
import { Retryable } from "../../../../src/actors/runtime/errors.ts";

describe("the SMTP server for mails that came back", () => {
  let listener: BounceListener;
  let transport: Transporter;
  let taken: string[];
  let now: number;
  let logged: object[];
  let failure: Error | undefined;

  beforeEach(async () => {
    taken = [];
    logged = [];
    now = 0;
    failure = undefined;
    const log = (facts: object) => void logged.push(facts);
    listener = await startBounceListener({
      host: "127.0.0.1",
      port: 0,
      effectOf: (address) => (address.startsWith("bounce+") ? address.slice(7, 10) : undefined),
      take: async (effectId) => {
        if (failure) throw failure;
        taken.push(effectId);
        return "failed";
      },
      clock: { now: () => now },
      log: { info: log, warn: log, error: log },
    });
    transport = createTransport({ host: "127.0.0.1", port: listener.port, ignoreTLS: true, pool: true });
  });
  afterEach(async () => {
    transport.close();
    await listener.close();
  });

  const send = (to: string | string[], from = "") =>
    transport.sendMail({ envelope: { from, to }, raw: "Subject: x\r\n\r\nx" }).then(
      () => 250,
      (error: { responseCode?: number }) => error.responseCode,
    );

  it("takes what is sent by nobody to one of our addresses, and logs no address", async () => {
    expect(await send("bounce+e-1@bounces.example.com")).to.equal(250);
    expect(taken).to.deep.equal(["e-1"]);
    expect(logged).to.deep.equal([{ effect: "e-1", status: "failed" }]);
  });

  it("relays nothing", async () => {
    expect(await send("zoe@client.example")).to.equal(550);
    expect(await send("bounce+e-1@bounces.example.com", "spam@example.com")).to.equal(550);
    expect(taken).to.deep.equal([]);
  });

  it("asks for what it could not keep again", async () => {
    failure = new Retryable("too_early");
    expect(await send("bounce+e-1@bounces.example.com")).to.equal(451);
    expect(logged).to.deep.equal([{ effect: "e-1", code: "too_early" }]);
  });

  it("takes so many of one address in a minute, and more in the next", async function () {
    this.timeout(30_000);
    await Promise.all(Array.from({ length: 1_200 }, () => send("bounce+e-1@b.example")));
    expect(await send("bounce+e-2@b.example")).to.equal(451);
    now += 60_000;
    expect(await send("bounce+e-3@b.example")).to.equal(250);
    expect(taken).to.have.length(1_201);
  });
});
