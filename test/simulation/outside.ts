import { createSignAtLevel, type SignAtLevel } from "../../src/actors/effects/sign-at-level.ts";
import { Retryable, Terminal } from "../../src/actors/runtime/errors.ts";
import type {
  Blobs,
  Directory,
  KeyMaterial,
  Keyring,
  Mailer,
  MailMessage,
  PadesLevel,
  Sms,
  SmsGateway,
} from "../../src/actors/runtime/ports.ts";
import { certificateDer } from "./certificate.ts";
import type { Judge } from "./judge.ts";
import { levelPoolOf, revocationOf, tsaOf } from "./levels.ts";
import { lengthOf, type Mortal, networkFailure, port } from "./port.ts";
import type { World } from "./world.ts";

/** What the world has: it outlives every process. */
export class Outside {
  readonly #world: World;
  readonly #judge: Judge;
  /** By SHA-256, with the level that the file is really at. */
  readonly blobs: Map<string, PadesLevel>;
  readonly temporary = new Map<string, { sha256: string; level: PadesLevel }>();
  readonly #sms = new Map<string, string>();
  #count = 0;
  /** Evidence files and what was pushed, by collecte. */
  readonly evidence = new Map<string, string>();
  readonly pushed = new Set<string>();
  onMail: (mail: MailMessage, effectId: string) => void = () => undefined;
  onSms: (sms: Sms, effectId: string) => void = () => undefined;

  constructor(world: World, judge: Judge, blobs: Map<string, PadesLevel>) {
    this.blobs = blobs;
    this.#world = world;
    this.#judge = judge;
  }

  fresh(prefix: string): string {
    return `${prefix}${++this.#count}`;
  }

  deliverMail(mail: MailMessage): void {
    const effectId = effectOfMessageId(mail.messageId);
    this.#judge.mailed(effectId);
    this.#world.schedule(this.#world.outside, `mail ${mail.messageId} arrives`, 50, () =>
      this.onMail(mail, effectId),
    );
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
    this.#world.schedule(this.#world.outside, `SMS ${sms.idempotencyKey} arrives`, 50, () =>
      this.onSms(sms, sms.idempotencyKey),
    );
  }
}

/** The outside as one process reaches it. */
export interface Reach {
  mailer: Mailer;
  sms: SmsGateway;
  signAtLevel: SignAtLevel;
  blobs: Blobs;
  keyring: Keyring;
  directory: Directory;
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
    signAtLevel: createSignAtLevel({
      pool: levelPoolOf(world, outside, owner),
      tsa: tsaOf(world, owner),
      revocation: revocationOf(world, owner),
      anchors: async () => [certificateDer],
    }),
    blobs: blobsOf(world, outside, owner),
    keyring: {
      rootDer: () => port(world, owner, "keyring.root", () => certificateDer),
      issuingAuthority: () => port(world, owner, "keyring.authority", () => keyOf("authority")),
      ownedBy: (id) => port(world, owner, "keyring.owned", () => keyOf(id), { before: "directoryFails" }),
    },
    directory: directoryOf(world, owner),
  };
}

function blobsOf(world: World, outside: Outside, owner: Mortal): Blobs {
  return {
    temporaryPath: () => outside.fresh("temporary-"),
    discard: (path) =>
      port(world, owner, "blobs.discard", () => void outside.temporary.delete(path), { before: "blobFails" }),
    borrow: async (sha256) => ({ path: sha256, release: async () => undefined }),
    adopt: (path, sha256) =>
      port(
        world,
        owner,
        "blobs.adopt",
        () => {
          const file = outside.temporary.get(path);
          if (file?.sha256 !== sha256) throw new Error(`${path} holds something else`);
          outside.temporary.delete(path);
          outside.blobs.set(sha256, file.level);
        },
        { before: "blobFails", after: "blobFails" },
      ),
    open: () => Promise.reject(new Error("nobody reads documents here")),
    has: async (sha256) => outside.blobs.has(sha256),
    remove: async (sha256) => void outside.blobs.delete(sha256),
    sweep: () => Promise.reject(new Error("nobody sweeps here")),
  };
}

function directoryOf(world: World, owner: Mortal): Directory {
  return {
    firm: (id) =>
      port(
        world,
        owner,
        "directory.firm",
        () => ({ id, name: `Cabinet ${id}`, email: `${id}@firm.example`, country: "FR", settings: {} }),
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
