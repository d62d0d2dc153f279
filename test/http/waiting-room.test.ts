import { expect } from "chai";
import type { Message, Outcome, Receipt } from "../../src/actors/runtime/ports.ts";
import { createDelivery } from "../../src/http/delivery.ts";
import { createWaitingRoom, gathered } from "../../src/http/waiting-room.ts";

const here = (waitMs: number) => ({ waitMs, isGone: () => false });
const open = () => false;

describe("a waiting room", () => {
  it("looks until all is known", async () => {
    let looks = 0;
    expect(await createWaitingRoom(open).wait(here(30_000), async () => ++looks === 3)).to.equal(true);
    expect(looks).to.equal(3);
  });

  it("looks less and less often", async () => {
    let looks = 0;
    await createWaitingRoom(open).wait(here(600), async () => ++looks < 0);
    // 10 + 20 + 40 + 80 + 160 + 200 ms, and what is left; every 10 ms it would be 60. A busy machine makes it fewer.
    expect(looks).to.be.within(1, 12);
  });

  it("does not look for somebody who won't wait", async () => {
    expect(await createWaitingRoom(open).wait(here(0), () => expect.fail("looked"))).to.equal(true);
  });

  it("waits no longer for somebody who has gone, nor when the engine stops", async () => {
    let isGone = false;
    let isClosing = false;
    let looks = 0;
    const gone = { waitMs: 30_000, isGone: () => isGone };
    await createWaitingRoom(open).wait(gone, async () => {
      isGone = ++looks === 2;
      return false;
    });
    await createWaitingRoom(() => isClosing).wait(here(30_000), async () => {
      isClosing = ++looks === 4;
      return false;
    });
    expect(looks).to.equal(4);
  });

  it("turns away who comes when it is full, and has place again when somebody leaves", async () => {
    const room = createWaitingRoom(open, 1);
    let leave = false;
    const first = room.wait(here(30_000), async () => leave);
    expect(await room.wait(here(30_000), () => expect.fail("looked"))).to.equal(false);
    leave = true;
    await first;
    expect(await room.wait(here(30_000), async () => true)).to.equal(true);
  });

  it("frees the place of somebody whose look failed", async () => {
    const room = createWaitingRoom(open, 1);
    const failed = await room
      .wait(here(9_000), () => Promise.reject(new Error("away")))
      .catch(() => "failed");
    expect([failed, await room.wait(here(9_000), async () => true)]).to.deep.equal(["failed", true]);
  });
});

describe("receipts that many ask for", () => {
  const receipt = (messageId: string): Receipt => {
    return { messageId, actorId: "col_1", fingerprint: null, outcome: { status: "done", version: 1 }, at: 0 };
  };

  it("are read together by firm while a read is under way", async () => {
    const reads: [string, string[]][] = [];
    let answer = () => {};
    const read = gathered(async (firmId, ids) => {
      reads.push([firmId, ids]);
      if (reads.length === 1) await new Promise<void>((resolve) => (answer = resolve));
      return new Map(ids.map((id) => [id, receipt(id)]));
    });
    const first = read("frm_a", ["m0"]);
    await new Promise(setImmediate);
    const others = Array.from({ length: 50 }, (_, i) => read("frm_a", [`m${i}`, "shared"]));
    await read("frm_b", ["m0"]);
    answer();
    await first;
    const known = await Promise.all(others);
    expect(known.every((one, i) => one.has(`m${i}`) && one.has("shared"))).to.equal(true);
    expect(reads.map(([firmId, ids]) => [firmId, ids.length])).to.deep.equal([
      ["frm_a", 1],
      ["frm_b", 1],
      ["frm_a", 51],
    ]);
  });

  it("are read again after a read that failed", async () => {
    let reads = 0;
    const read = gathered(async () => {
      if (++reads === 1) throw new Error("away");
      return new Map();
    });
    expect(await read("frm_a", ["m"]).catch(() => "away")).to.equal("away");
    expect(await read("frm_a", ["m"])).to.deep.equal(new Map());
  });
});

describe("a delivery", () => {
  const message: Message = {
    id: "msg_1",
    actorId: "col_1",
    kind: "collecte",
    firmId: "frm_a",
    command: { type: "LaunchCollecte", at: 1 },
  };
  const logged: string[] = [];
  const log = (_facts: object, words: string) => void logged.push(words);
  const delivery = (outcomes: Outcome[], receipts: () => Promise<Map<string, Receipt>>, places?: number) =>
    createDelivery(
      {
        mailbox: { accept: async () => outcomes.shift() ?? expect.fail("accepted once too often") },
        reads: { receipts } as never,
        log: { info: log, warn: log, error: log },
        isClosing: open,
      },
      createWaitingRoom(open, places),
    );
  const accepted: Outcome = { status: "accepted" };

  it("asks again about a message of which nothing was kept", async () => {
    const tooSoon: Outcome = {
      status: "refused",
      code: "otp_too_soon",
      facts: { retryAfterSeconds: 9 },
      version: 2,
    };
    const { deliver } = delivery([accepted, tooSoon], async () => new Map());
    expect(await deliver([message], here(9_000))).to.deep.equal({ answers: [tooSoon], isPatient: true });
  });

  it("does not wait when too many wait already", async () => {
    const { deliver, outcomeOf } = delivery([accepted], () => expect.fail("read"), 0);
    expect(await deliver([message], here(9_000))).to.deep.equal({ answers: [accepted], isPatient: false });
    const waiting = async () => new Map([["msg_1", { ...message, outcome: accepted } as never]]);
    expect(await delivery([], waiting, 0).outcomeOf("frm_a", "msg_1", here(9_000))).to.include({
      outcome: accepted,
      isPatient: false,
    });
    expect(outcomeOf).to.be.a("function");
  });

  it("tells that a message is durable when its outcome can't be read", async () => {
    const { deliver } = delivery([accepted], () => Promise.reject(new Error("away")));
    expect(await deliver([message], here(9_000))).to.deep.equal({ answers: [accepted], isPatient: false });
    expect(logged).to.deep.equal(["outcomes could not be read"]);
  });
});
