import { expect } from "chai";
import { memberDecider } from "../../src/actors/member/decider.ts";
import { actsOf } from "../../src/actors/member/state.ts";
import { parapheurDecider } from "../../src/actors/parapheur/decider.ts";
import { type Committer, createCommitter } from "../../src/actors/runtime/committer.ts";
import { lawsOf } from "../../src/actors/runtime/laws.ts";
import type { Message, Outcome } from "../../src/actors/runtime/ports.ts";
import type { Store } from "../../src/store/store.ts";
import { decided } from "./lives.ts";
import { onEachStore } from "./on-each-store.ts";
import type { OpenedStore } from "./open-store.ts";

const actorId = actsOf("mem_1");
const personal = { trace: { ip: "203.0.113.77" } };
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

onEachStore("a hundred right answers of a member at once, to two processes", (open) => {
  let opened: OpenedStore;
  let stores: Store[];
  let processes: Committer[];

  beforeEach(async () => {
    opened = await open();
    stores = [opened.store, await opened.another()];
    processes = stores.map(({ journal }) =>
      createCommitter({
        journal,
        laws: lawsOf(memberDecider, parapheurDecider),
        clock: opened.clock,
        groupLimit: 500,
        queueLimit: 1_000,
        log,
        leaseLimits: {},
        leaseMs: 60_000,
        handOn: () => undefined,
      }),
    );
  });
  afterEach(async () => {
    await Promise.all(processes.map((one) => one.stop()));
    await stores[1]?.close();
    await opened.close();
  });

  const sent = (id: string, kind: string, to: string, command: object): Message => ({
    id,
    actorId: to,
    kind,
    firmId: "firm",
    command: { ...command, at: opened.clock.now() } as Message["command"],
  });
  const first = (message: Message): Promise<Outcome> => decided(processes[0] as Committer, message);
  /** The same command under a hundred names, every other one to the other process. */
  const hundred = (kind: string, to: string, command: object): Promise<Outcome[]> =>
    Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        decided(processes[i % 2] as Committer, sent(`${kind}-${i}`, kind, to, command)),
      ),
    );
  const refusals = (outcomes: Outcome[]) =>
    outcomes.flatMap((one) => (one.status === "refused" ? [one.code] : []));

  /** What was ordered of the outside world, by kind. */
  async function ordered(): Promise<string[]> {
    const rows = await opened.beside(({ reader }) => reader.all<{ kind: string }>("SELECT kind FROM outbox"));
    return rows.map(({ kind }) => kind).sort();
  }

  const asking = {
    type: "AskForCode",
    memberId: "mem_1",
    firmId: "firm",
    sessionId: "ses",
    language: "fr",
    personal,
  };
  const using = { type: "UseCode", otpId: "otp", sessionId: "ses", mac: "ab", personal };
  const otp = { id: "otp", salt: "salt", mac: "ab", sealedCode: "sealed" };

  it("make one certificate", async () => {
    const about = { purpose: "certificate", bound: ["who"] };
    await first(sent("ask", "member", actorId, { ...asking, ...about, otp }));
    const outcomes = await hundred("member", actorId, { ...using, ...about });
    expect(refusals(outcomes)).to.deep.equal(Array.from({ length: 99 }, () => "consent_needed"));
    expect(await ordered()).to.deep.equal(["certify", "sms"]);
  });

  it("release one session of the parapheur, which orders its acts once however often it is told", async () => {
    const choices = [{ collecteId: "col-1", act: "sign", key: "s1", documents: ["0".repeat(64)] }];
    const opening = {
      firmId: "firm",
      memberId: "mem_1",
      digest: "d",
      consentText: "t",
      choices,
      leftOut: [],
      personal,
    };
    await first(sent("open", "parapheur", "pph_1", { type: "OpenSession", ...opening }));
    const about = { purpose: "parapheur", bound: ["d"] };
    await first(sent("ask", "member", actorId, { ...asking, ...about, parapheurId: "pph_1", otp }));
    const outcomes = await hundred("member", actorId, { ...using, ...about });
    expect(refusals(outcomes)).to.have.length(99);
    expect(await ordered()).to.deep.equal(["parapheur", "sms"]);
    const told = await hundred("parapheur", "pph_1", { type: "SignSession", digest: "d", otpId: "otp" });
    expect(refusals(told)).to.deep.equal([]);
    expect(await ordered()).to.deep.equal(["parapheur", "parapheur", "sms"]);
    expect((await opened.store.parapheurs.session("firm", "pph_1"))?.state.rounds).to.equal(1);
  });

  it("are compared five times at most when they are wrong, however many come at once", async () => {
    const about = { purpose: "certificate", bound: ["who"] };
    await first(sent("ask", "member", actorId, { ...asking, ...about, otp }));
    const outcomes = await hundred("member", actorId, { ...using, ...about, mac: "cd" });
    expect(refusals(outcomes).filter((code) => code === "otp_wrong")).to.have.length(5);
    expect(refusals(outcomes).filter((code) => code === "otp_used_up")).to.have.length(95);
    expect(await ordered()).to.deep.equal(["sms"]);
  });
});
