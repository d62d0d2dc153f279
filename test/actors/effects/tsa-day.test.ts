import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import type { Command } from "../../../src/actors/collecte/commands.ts";
import { delayCommand } from "../../../src/actors/effects/effects.ts";
import { createHttpTsa } from "../../../src/actors/effects/http-tsa.ts";
import { createOutgoing, type Outgoing } from "../../../src/actors/effects/outgoing.ts";
import { signEffect } from "../../../src/actors/effects/sign.ts";
import { createSignAtLevel } from "../../../src/actors/effects/sign-at-level.ts";
import { Awaiting } from "../../../src/actors/runtime/errors.ts";
import type { Blobs, KeyMaterial, Keyring } from "../../../src/actors/runtime/ports.ts";
import { createTimestampCodec } from "../../../src/workers/cms/timestamp/codec.ts";
import { verifyDocument } from "../../../src/workers/verify-document.ts";
import { startTsa, type TestTsa, type TsaMood } from "../../support/tsa.ts";
import { createAuthorities, read } from "../../workers/authorities.ts";
import { type Folder, temporaryFolder, writeLetter } from "../../workers/letters.ts";
import { inThisThread } from "../../workers/levels/trust.ts";
import { createTestPki } from "../../workers/pki.ts";
import {
  consent,
  creation,
  directory,
  launch,
  launchedAt,
  played,
  secrets,
  settings,
  signing,
} from "./played.ts";

const hour = 3_600_000;
const moods: TsaMood[] = [
  "refuse",
  "hang",
  "wrong-nonce",
  "wrong-imprint",
  "expired-certificate",
  "drop",
  "flipped-bit",
  "garbage",
  "forbidden",
  "not-a-unit",
];

describe("a day of a TSA that refuses, hangs and lies", () => {
  let now: number;
  let folder: Folder;
  let tsa: TestTsa;
  let outgoing: Outgoing;
  const clock = { now: () => now };
  const outside = createAuthorities(new Date(launchedAt));
  const pki = createTestPki(new Date(launchedAt));

  before(async () => {
    now = launchedAt;
    folder = temporaryFolder();
    await mkdir(folder.path("temporary"));
    const past = { notBefore: new Date(launchedAt - 9 * hour), notAfter: new Date(launchedAt - hour) };
    const expired = outside.issue("timestamping", { validity: past });
    const notUnit = outside.issue("one-use");
    tsa = await startTsa({ unit: outside.tsu, expired, notUnit, now: clock.now });
    outgoing = createOutgoing({ mayLoop: true, timeoutMs: 60 });
  });
  after(async () => {
    outgoing.close();
    await tsa.close();
    folder.remove();
  });

  it("loses nothing and claims nothing, and all is signed when it is back, even after the deadline", async () => {
    const codec = createTimestampCodec([read(outside.rootDer)]);
    const signAtLevel = createSignAtLevel({
      pool: inThisThread,
      tsa: createHttpTsa({ url: tsa.url, outgoing, codec, clock }),
      revocation: { evidenceFor: () => Promise.reject(new Error("not asked at B-T")) },
      anchors: async () => [outside.rootDer],
    });
    const keyring: Keyring = {
      rootDer: async () => pki.rootDer,
      issuingAuthority: async () => pki.authority,
      ownedBy: async (): Promise<KeyMaterial> => pki.member,
    };
    let files = 0;
    const blobs: Pick<Blobs, "temporaryPath" | "discard" | "borrow" | "adopt"> = {
      temporaryPath: () => folder.path(`temporary/${files++}`),
      discard: (path) => rm(path, { force: true }),
      borrow: async (sha256) => ({ path: folder.path(sha256), release: async () => undefined }),
      adopt: (path, sha256) => rename(path, folder.path(sha256)),
    };
    const act = signEffect({ signAtLevel, blobs: blobs as Blobs, keyring, directory, clock, settings });

    await writeLetter(folder.path("letter.pdf"), true);
    const letter = await readFile(folder.path("letter.pdf"));
    const head = createHash("sha256").update(letter).digest("hex");
    await copyFile(folder.path("letter.pdf"), folder.path(head));
    const otp = secrets.newOtp();
    const documents = [{ id: "doc_1", sha256: head, bytes: letter.length, pages: 1 }];
    const steps = [{ signatories: ["alice"] }];
    const story: Command[] = [
      creation({ documents, steps, level: "B-T" }),
      launch,
      consent(otp, "alice", [head]),
      signing(otp),
    ];
    now = (played(...story).state.expiresAt ?? 0) - 2 * hour;

    const reasons = new Set<string>();
    for (let i = 0; i < 24; i++, now += hour) {
      tsa.mood = moods[i % moods.length] ?? "refuse";
      const effect = played(...story).lastEffect("sign");
      const failure = await act(effect).catch((error: unknown) => error);
      expect(failure, tsa.mood).to.be.instanceOf(Awaiting).with.property("pending", "timestamp_pending");
      reasons.add((failure as Awaiting).code);
      const told = delayCommand(effect, failure as Awaiting, now);
      if (told !== undefined) story.push(told);
      const { state } = played(...story);
      expect(state.pending?.code).to.equal("timestamp_pending");
      expect(state.signatories["alice"]?.status).to.equal("signing");
      expect(state.documents[0]).to.include({ head, revisions: 0 });
      expect(await readdir(folder.path("temporary"))).to.deep.equal([]);
    }
    expect(reasons.size).to.be.at.least(5);
    expect(story.filter(({ type }) => type === "RecordSigningDelay")).to.have.length(1);

    tsa.mood = "well";
    const command = await act(played(...story).lastEffect("sign"));
    if (command?.type !== "RecordSignature") throw new Error("nothing was signed");
    expect(command.level).to.equal("B-T");
    const { state } = played(...story, command);
    expect(state.status).to.equal("completed");
    expect(state).not.to.have.property("pending");
    const after = join(folder.path(""), state.documents[0]?.head ?? "");
    const report = verifyDocument(after, { trustDer: [pki.rootDer, outside.rootDer] });
    expect(report.verdict).to.equal("TOTAL-PASSED");
    expect(report.signatures.map(({ level }) => level)).to.deep.equal(["B-T"]);
  });
});
