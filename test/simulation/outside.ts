import { createHash } from "node:crypto";
import { Retryable, Terminal } from "../../src/actors/runtime/errors.ts";
import type {
  Blobs,
  Directory,
  KeyMaterial,
  Keyring,
  Mailer,
  MailMessage,
  SigningPool,
  SignResult,
  Sms,
  SmsGateway,
} from "../../src/actors/runtime/ports.ts";
import { certificateDer } from "./certificate.ts";
import type { Judge } from "./judge.ts";
import { type Mortal, networkFailure, port } from "./port.ts";
import type { World } from "./world.ts";

/** What the world has: it outlives every process. */
export class Outside {
  readonly #world: World;
  readonly #judge: Judge;
  readonly blobs: Set<string>;
  readonly temporary = new Map<string, string>();
  readonly #sms = new Map<string, string>();
  #count = 0;
  onMail: (mail: MailMessage) => void = () => undefined;
  onSms: (sms: Sms) => void = () => undefined;

  constructor(world: World, judge: Judge, blobs: Set<string>) {
    this.blobs = blobs;
    this.#world = world;
    this.#judge = judge;
  }

  fresh(prefix: string): string {
    return `${prefix}${++this.#count}`;
  }

  deliverMail(mail: MailMessage): void {
    this.#judge.mailed(effectOfMessageId(mail.messageId));
    this.#world.schedule(this.#world.outside, `mail ${mail.messageId} arrives`, 50, () => this.onMail(mail));
  }

  /** A gateway that keeps its word: a key that it knows is not sent again. */
  deliverSms(sms: Sms): void {
    const known = this.#sms.get(sms.idempotencyKey);
    if (known !== undefined) {
      if (known !== `${sms.to} ${sms.text}`)
        this.#world.violate("one key, one SMS", `${sms.idempotencyKey} came with two texts`);
      return;
    }
    this.#sms.set(sms.idempotencyKey, `${sms.to} ${sms.text}`);
    this.#world.schedule(this.#world.outside, `SMS ${sms.idempotencyKey} arrives`, 50, () => this.onSms(sms));
  }
}

/** The outside as one process reaches it. */
export interface Reach {
  mailer: Mailer;
  sms: SmsGateway;
  pool: SigningPool;
  blobs: Blobs;
  keyring: Keyring;
  directory: Directory;
}

const longActs = [15_000, 45_000, 150_000];

/** How much longer than usual an act takes. */
function lengthOf(world: World, what: string): number {
  return world.faults.strikes("actLasts", what) ? world.random.pick(longActs) : 0;
}

export function reachOf(world: World, outside: Outside, judge: Judge, owner: Mortal): Reach {
  const failure = (code: string) => () => {
    const terminal = world.faults.strikes("sendRefused", code);
    if (terminal) return new Terminal(`${code}_refused`);
    const retryAfterMs = world.random.pick([undefined, 0, 1_000, 120_000]);
    const retryable = new Retryable(`${code}_away`, retryAfterMs === undefined ? {} : { retryAfterMs });
    return world.random.chance(0.8) ? retryable : networkFailure();
  };
  const send = async <T>(effectId: string, code: string, deliver: () => void, answer: T) => {
    judge.acts(effectId, owner.name);
    const lied = () => {
      judge.excuse(effectId, "the gateway lied");
      return new Retryable(`${code}_away`);
    };
    await port(world, owner, `${code} ${effectId}`, () => undefined, {
      before: "sendFails",
      failure: failure(code),
    });
    await port(world, owner, `${code} ${effectId} delivers`, deliver, {
      after: "sendLies",
      failure: lied,
      leastMs: lengthOf(world, effectId),
    });
    return answer;
  };
  return {
    mailer: {
      send: (mail) =>
        send(effectOfMessageId(mail.messageId), "smtp", () => outside.deliverMail(mail), {
          reference: mail.messageId,
        }),
    },
    sms: {
      send: (sms) =>
        send(sms.idempotencyKey, "sms", () => outside.deliverSms(sms), { reference: sms.idempotencyKey }),
    },
    pool: poolOf(world, outside, owner),
    blobs: blobsOf(world, outside, owner),
    keyring: {
      rootDer: () => port(world, owner, "keyring.root", () => certificateDer),
      issuingAuthority: () => port(world, owner, "keyring.authority", () => keyOf("authority")),
      ownedBy: (id) => port(world, owner, "keyring.owned", () => keyOf(id), { before: "directoryFails" }),
    },
    directory: directoryOf(world, owner),
  };
}

function poolOf(world: World, outside: Outside, owner: Mortal): SigningPool {
  return {
    sign: ({ path, outPath }) => {
      const work = (): SignResult => {
        if (world.faults.strikes("signRefused", path)) return { ok: false, code: "document_damaged" };
        if (world.faults.strikes("signFails", path)) {
          return { ok: false, code: world.random.pick(["worker_crashed", "pool_closed", "disk_full"]) };
        }
        if (!outside.blobs.has(path)) return { ok: false, code: "file_missing" };
        // Each try has a key and a time of its own, so no two revisions are the same bytes.
        const sha256 = digest(outside.fresh(path));
        outside.temporary.set(outPath, sha256);
        return {
          ok: true,
          sha256,
          bytes: 2_000,
          revisionBytes: 1_000,
          before: path,
          certificate: { sha256: "c".repeat(64), serialHex: "0a" },
          level: "B-B",
          fieldName: "Signature1",
        };
      };
      const leastMs = lengthOf(world, path);
      return port(world, owner, `pool.sign ${path.slice(0, 8)}`, work, { leastMs });
    },
  };
}

function blobsOf(world: World, outside: Outside, owner: Mortal): Blobs {
  return {
    temporaryPath: () => outside.fresh("temporary-"),
    discard: (path) =>
      port(world, owner, "blobs.discard", () => void outside.temporary.delete(path), { before: "blobFails" }),
    path: (sha256) => sha256,
    adopt: (path, sha256) =>
      port(
        world,
        owner,
        "blobs.adopt",
        () => {
          if (outside.temporary.get(path) !== sha256) throw new Error(`${path} holds something else`);
          outside.temporary.delete(path);
          outside.blobs.add(sha256);
        },
        { before: "blobFails", after: "blobFails" },
      ),
    open: () => Promise.reject(new Error("nobody reads documents here")),
    remove: async (sha256) => void outside.blobs.delete(sha256),
  };
}

function directoryOf(world: World, owner: Mortal): Directory {
  return {
    firm: (id) =>
      port(
        world,
        owner,
        "directory.firm",
        () => ({ id, name: `Cabinet ${id}`, email: `${id}@firm.example`, country: "FR" }),
        { before: "directoryFails" },
      ),
    logo: async () => undefined,
    members: async () => [],
    member: async () => undefined,
    apiKey: async () => undefined,
  };
}

function keyOf(keyId: string): KeyMaterial {
  return { keyId, pkcs8: certificateDer, certificateDer, chainDer: [] };
}

function effectOfMessageId(messageId: string): string {
  return messageId.slice(1, messageId.indexOf("@"));
}

export function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
