import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { Stamp } from "../../../src/actors/collecte/state.ts";
import { delayCommand, failureCommand } from "../../../src/actors/effects/effects.ts";
import { signEffect } from "../../../src/actors/effects/sign.ts";
import type { SignAtLevel } from "../../../src/actors/effects/sign-at-level.ts";
import { Awaiting, Retryable, Terminal, Unexplained } from "../../../src/actors/runtime/errors.ts";
import type {
  Blobs,
  EffectInHand,
  FileKeyMaterial,
  KeyMaterial,
  Keyring,
  PadesLevel,
  SignResult,
  SignTask,
} from "../../../src/actors/runtime/ports.ts";
import {
  clock,
  consent,
  creation,
  directory,
  firmLogo,
  launch,
  original,
  played,
  secrets,
  settings,
  signed,
  signing,
} from "./played.ts";

const second = "e".repeat(64);
const certificate = { sha256: "c".repeat(64), serialHex: "b1c2d3e4f5" };

const key = (keyId: string): FileKeyMaterial => ({
  keyId,
  pkcs8: new Uint8Array(),
  certificateDer: new Uint8Array(),
  chainDer: [],
});
const rootDer = new Uint8Array([1]);
const anchorDer = new Uint8Array([2]);
const broughtSeal: KeyMaterial = { ...key("firm_1"), anchorDer };
let authorityNow: () => KeyMaterial;
const keyring: Keyring = {
  rootDer: async () => rootDer,
  issuingAuthority: async () => authorityNow(),
  ownedBy: async (id) => {
    if (id === "nobody") throw new Terminal("no_certificate");
    return id === "firm_1" ? broughtSeal : key(id);
  },
};

describe("the signing effect", () => {
  let directoryPath: string;
  let tasks: SignTask[];
  let asked: { level: PadesLevel; complete: boolean }[];
  let adopted: { path: string; sha256: string }[];
  let borrowed: string[];
  let released: string[];
  let answer: (task: SignTask) => Partial<SignResult> | undefined;
  /** What a worker waits for before it writes. */
  let wait: (task: SignTask) => Promise<void>;

  beforeEach(async () => {
    directoryPath = await mkdtemp(join(tmpdir(), "sign-effect-"));
    tasks = [];
    asked = [];
    adopted = [];
    borrowed = [];
    released = [];
    answer = () => undefined;
    authorityNow = () => key("authority");
    wait = () => Promise.resolve();
  });
  afterEach(async () => {
    await rm(directoryPath, { recursive: true });
    // What was borrowed is given back, whatever came of it.
    expect([...released].sort()).to.deep.equal([...borrowed].sort());
  });

  const act = (effect: EffectInHand, ends: { certify?: boolean; lock?: boolean } = {}) => {
    let files = 0;
    const blobs: Pick<Blobs, "temporaryPath" | "discard" | "borrow" | "adopt"> = {
      temporaryPath: () => join(directoryPath, `new-${files++}`),
      discard: (path) => rm(path, { force: true }),
      borrow: async (sha256) => {
        borrowed.push(sha256);
        return { path: `/blobs/${sha256}`, release: async () => void released.push(sha256) };
      },
      adopt: async (path, sha256) => {
        adopted.push({ path, sha256 });
        await rm(path);
      },
    };
    const signAtLevel: SignAtLevel = async (task, level, { complete }) => {
      tasks.push(task);
      asked.push({ level, complete });
      await wait(task);
      await writeFile(task.outPath, "signed");
      return {
        ok: true,
        sha256: createHash("sha256").update(task.path).digest("hex"),
        bytes: 2000,
        revisionBytes: 1000,
        before: task.path.slice("/blobs/".length),
        certificate,
        level,
        fieldName: "Signature1",
        ...answer(task),
      } as SignResult;
    };
    return signEffect({
      signAtLevel,
      blobs: blobs as Blobs,
      keyring,
      directory,
      clock,
      settings: { ...settings, ...ends },
    })(effect);
  };

  function twoDocuments() {
    const otp = secrets.newOtp();
    return played(
      creation({
        documents: [
          { id: "doc_1", sha256: original, bytes: 1000, pages: 2 },
          { id: "doc_2", sha256: second, bytes: 1000, pages: 1 },
        ],
      }),
      launch,
      consent(otp, "alice", [original, second]),
      signing(otp),
    );
  }

  it("shows each signature where the plan says, in fields that the first one makes", async () => {
    const box = { left: 60, bottom: 80, width: 180, height: 60 };
    const otp = secrets.newOtp();
    const stamps: Stamp[] = [
      { by: { signatoryId: "alice" }, document: "doc_1", page: 1, box },
      { by: { seal: 1 }, document: "doc_1", page: 2, box },
    ];
    const plan = creation({ stamps, steps: [{ signatories: ["alice"] }, { seal: true }] });
    const story = [plan, launch, consent(otp), signing(otp)];
    await act(played(...story).lastEffect("sign"));
    expect(tasks[0]).to.deep.include({
      appearance: {
        at: { page: 1, ...box },
        lines: ["Alice Bœuf", "Signé le 23 novembre 2026 à 14:06 (heure de Paris)"],
        logo: firmLogo,
      },
      fields: [{ fieldName: "col_1-seal-2", box: { page: 2, ...box } }],
    });
    const after = "b".repeat(64);
    await act(played(...story, signed({ signatoryId: "alice" }, original, after)).lastEffect("seal"));
    expect(tasks[1]?.appearance?.at).to.deep.equal({ fieldName: "col_1-seal-2" });
    expect(tasks[1]).not.to.have.property("fields");
  });

  it("certifies first and locks last, where it is told to", async () => {
    const ends = { certify: true, lock: true };
    const otp = secrets.newOtp();
    const plan = creation({ steps: [{ signatories: ["alice"] }, { seal: true }] });
    const story = [plan, launch, consent(otp), signing(otp)];
    await act(played(...story).lastEffect("sign"), ends);
    expect(tasks[0]).to.include({ certify: true }).and.not.to.have.property("lock");
    const after = "b".repeat(64);
    const sealed = played(...story, signed({ signatoryId: "alice" }, original, after)).lastEffect("seal");
    await act(sealed, ends);
    expect(tasks[1]).to.include({ lock: true }).and.not.to.have.property("certify");
    const alone = played(
      creation({ steps: [{ signatories: ["alice"] }] }),
      launch,
      consent(otp),
      signing(otp),
    );
    await act(alone.lastEffect("sign"), ends);
    expect(tasks[2]).to.include({ certify: true, lock: true });
    await act(alone.lastEffect("sign"));
    expect(tasks[3]).not.to.have.any.keys("certify", "lock");
  });

  it("approves a document that came with somebody else's signature", async () => {
    answer = ({ certify }) => (certify === true ? { ok: false, code: "certify_not_first" } : undefined);
    const command = await act(twoDocuments().lastEffect("sign"), { certify: true });
    expect(command?.type).to.equal("RecordSignature");
    expect(tasks.map(({ certify }) => certify)).to.deep.equal([true, true, false, false]);
  });

  it("shows a signature in a field that the document has, and nothing without a stamp", async () => {
    const otp = secrets.newOtp();
    const stamps: Stamp[] = [{ by: { signatoryId: "alice" }, document: "doc_1", field: "Client" }];
    await act(played(creation({ stamps }), launch, consent(otp), signing(otp)).lastEffect("sign"));
    expect(tasks[0]?.appearance?.at).to.deep.equal({ fieldName: "Client" });
    await act(twoDocuments().lastEffect("sign"));
    for (const task of tasks.slice(1)) expect(task).not.to.have.any.keys("appearance", "fields");
  });

  it("signs each document for a client with a certificate in their name, used once", async () => {
    const command = await act(twoDocuments().lastEffect("sign"));
    expect(tasks.map(({ path }) => path)).to.deep.equal([`/blobs/${original}`, `/blobs/${second}`]);
    expect(tasks.map(({ bytes }) => bytes)).to.deep.equal([1000, 1000]);
    for (const task of tasks) {
      expect(task).to.include({ name: "Alice Bœuf", signingTime: clock.now() });
      expect(task.reason).to.contain("j'ai bien lu les informations du document");
      expect(task.signer).to.deep.equal({
        kind: "one-use",
        authority: key("authority"),
        rootDer,
        subject: { givenName: "Alice", surname: "Bœuf" },
      });
    }
    const after = tasks.map(({ path }) => createHash("sha256").update(path).digest("hex"));
    expect(command).to.deep.equal({
      type: "RecordSignature",
      by: { signatoryId: "alice" },
      documents: [
        { id: "doc_1", before: original, after: after[0], bytes: 2000, certificate },
        { id: "doc_2", before: second, after: after[1], bytes: 2000, certificate },
      ],
      level: "B-B",
      at: clock.now(),
    });
    expect(adopted.map(({ sha256 }) => sha256)).to.deep.equal(after);
  });

  it("makes a command that the law accepts", async () => {
    const otp = secrets.newOtp();
    const story = [creation(), launch, consent(otp), signing(otp)];
    const command = await act(played(...story).lastEffect("sign"));
    if (!command) throw new Error("nothing was signed");
    expect(played(...story, command).state.signatories["alice"]?.status).to.equal("signed");
  });

  it("signs for a member with their own key, and seals with the firm's", async () => {
    const one = secrets.newOtp();
    const two = secrets.newOtp();
    const story = [
      creation(),
      launch,
      consent(one),
      signing(one),
      signed({ signatoryId: "alice" }, original, second),
      consent(two, "expert", [second]),
      signing(two, "expert"),
    ];
    await act(played(...story).lastEffect("sign"));
    expect(tasks[0]?.signer).to.deep.equal({ kind: "kept", key: key("member_1"), rootDer });
    expect(tasks[0]?.name).to.equal("Gaëlle Œuvrard");

    const sealing = played(...story, signed({ signatoryId: "expert" }, second, original));
    const command = await act(sealing.lastEffect("seal"));
    // The firm brought its seal, which leads to another root than the engine's.
    expect(tasks[1]?.signer).to.deep.equal({ kind: "kept", key: broughtSeal, rootDer: anchorDer });
    expect(tasks[1]).to.include({ name: "Cabinet Bérénice", reason: "Cachet du cabinet" });
    expect(command).to.deep.include({ by: { seal: 2 } });
  });

  it("does nothing once its signature is on the record", async () => {
    const otp = secrets.newOtp();
    const story = [creation(), launch, consent(otp), signing(otp)];
    const { row } = played(...story).lastEffect("sign");
    const { state } = played(...story, signed({ signatoryId: "alice" }, original, second));
    expect(await act({ row, state })).to.equal(undefined);
    expect(tasks).to.have.length(0);
  });

  it("gives up an unsignable document, adopts none of the others and leaves no file", async () => {
    answer = ({ path }) => (path.endsWith(second) ? { ok: false, code: "pdf_damaged" } : undefined);
    const failure = await act(twoDocuments().lastEffect("sign")).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Terminal).with.property("code", "pdf_damaged");
    expect(adopted).to.have.length(0);
    expect(await readdir(directoryPath)).to.have.length(0);
  });

  it("cannot tell why a worker died: the tries are counted", async () => {
    answer = () => ({ ok: false, code: "worker_crashed" });
    const failure = await act(twoDocuments().lastEffect("sign")).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Unexplained).with.property("code", "worker_crashed");
    expect(await readdir(directoryPath)).to.have.length(0);
  });

  for (const code of ["disk_full", "file_inaccessible"]) {
    it(`waits for the disk however long it takes: ${code}`, async () => {
      answer = () => ({ ok: false, code });
      const { row, state } = twoDocuments().lastEffect("sign");
      const failure = await act({ row: { ...row, attempts: 500 }, state }).catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(Retryable).with.property("code", code);
    });
  }

  it("removes no file under a worker that still writes it", async () => {
    let finish: () => void = () => {};
    const slow = new Promise<void>((resolve) => {
      finish = resolve;
    });
    answer = ({ path }) => (path.endsWith(original) ? { ok: false, code: "pdf_damaged" } : undefined);
    wait = ({ path }) => (path.endsWith(second) ? slow : Promise.resolve());
    let ended = false;
    const acting = act(twoDocuments().lastEffect("sign")).catch(() => {
      ended = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(ended).to.equal(false);
    finish();
    await acting;
    expect(await readdir(directoryPath)).to.have.length(0);
  });

  it("keeps nothing that was made with a key revoked while it worked", async () => {
    wait = async () => {
      authorityNow = () => {
        throw new Terminal("no_certificate");
      };
    };
    const failure = await act(twoDocuments().lastEffect("sign")).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Terminal).with.property("code", "no_certificate");
    expect(adopted).to.have.length(0);
    expect(await readdir(directoryPath)).to.have.length(0);
  });

  it("begins anew when the key was replaced while it worked", async () => {
    wait = async () => {
      authorityNow = () => key("next-authority");
    };
    const failure = await act(twoDocuments().lastEffect("sign")).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Retryable).with.property("code", "key_replaced");
    expect(adopted).to.have.length(0);
    expect(await act(twoDocuments().lastEffect("sign"))).to.include({ type: "RecordSignature" });
    const { signer } = tasks.at(-1) ?? expect.fail();
    expect(signer).to.have.nested.property("authority.keyId", "next-authority");
  });

  it("keeps nothing that was made of other bytes than the head's", async () => {
    answer = () => ({ before: "f".repeat(64) });
    const failure = await act(twoDocuments().lastEffect("sign")).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Terminal).with.property("code", "blob_damaged");
    expect(adopted).to.have.length(0);
    expect(await readdir(directoryPath)).to.have.length(0);
  });

  it("says that a member has no certificate", async () => {
    const otp = secrets.newOtp();
    const story = played(creation({ members: { alice: "nobody" } }), launch, consent(otp), signing(otp));
    const failure = await act(story.lastEffect("sign")).catch((error: unknown) => error);
    expect(failure).to.have.property("code", "no_certificate");
  });

  it("asks for timestamps with each signature, and for all evidence with the last", async () => {
    const [one, two] = [secrets.newOtp(), secrets.newOtp()];
    const first = [creation({ level: "B-LTA" }), launch, consent(one), signing(one)];
    const then = [
      ...first,
      signed({ signatoryId: "alice" }, original, second),
      consent(two, "expert", [second]),
      signing(two, "expert"),
    ];
    await act(played(...first).lastEffect("sign"));
    await act(played(...then).lastEffect("sign"));
    const last = played(...then, signed({ signatoryId: "expert" }, second, original)).lastEffect("seal");
    expect(await act(last)).to.include({ level: "B-LTA" });
    expect(asked).to.deep.equal([
      { level: "B-T", complete: false },
      { level: "B-T", complete: false },
      { level: "B-LTA", complete: true },
    ]);
  });

  it("claims nothing when what was read back is less than what was to be", async () => {
    answer = () => ({ level: "B-B" });
    const otp = secrets.newOtp();
    const story = played(creation({ level: "B-T" }), launch, consent(otp), signing(otp));
    const failure = await act(story.lastEffect("sign")).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Unexplained).with.property("code", "level_not_reached");
    expect(await readdir(directoryPath)).to.have.length(0);
    expect(adopted).to.have.length(0);
  });

  it("tells the record once what it waits for", () => {
    const otp = secrets.newOtp();
    const story = [creation({ level: "B-T" }), launch, consent(otp), signing(otp)];
    const away = new Awaiting("timestamp_pending", new Retryable("tsa_unreachable"));
    const told = delayCommand(played(...story).lastEffect("sign"), away, 5);
    expect(told).to.deep.equal({
      type: "RecordSigningDelay",
      by: { signatoryId: "alice" },
      code: "timestamp_pending",
      reason: "tsa_unreachable",
      at: 5,
    });
    if (told === undefined) throw new Error("nothing was told");
    const waiting = played(...story, told);
    expect(waiting.state.pending).to.deep.equal({
      code: "timestamp_pending",
      reason: "tsa_unreachable",
      at: 5,
    });
    expect(delayCommand(waiting.lastEffect("sign"), away, 6)).to.equal(undefined);
    expect(delayCommand(waiting.lastEffect("sign"), new Retryable("disk_full"), 6)).to.equal(undefined);
  });

  it("makes failures that the record accepts", () => {
    const otp = secrets.newOtp();
    const story = [creation(), launch, consent(otp), signing(otp)];
    const failed = failureCommand(played(...story).lastEffect("sign"), "pdf_damaged", 5);
    expect(failed).to.deep.equal({
      type: "RecordSigningFailure",
      by: { signatoryId: "alice" },
      code: "pdf_damaged",
      at: 5,
    });
    played(...story, failed);
  });
});
