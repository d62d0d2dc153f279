import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hash,
  hkdfSync,
  randomInt,
  timingSafeEqual,
} from "node:crypto";
import { freshBytes } from "./chance.ts";
import type { Instant, LinkTarget } from "./ports.ts";

/** A signatory's (or a reader's) browser session, carried whole and authenticated by the client. */
export interface Session extends LinkTarget {
  sessionId: string;
  expiresAt: Instant;
}

/** A fresh one-time code: `sealedCode` is for the outbox only, the rest is kept. */
export interface FreshOtp {
  id: string;
  salt: string;
  mac: string;
  sealedCode: string;
}

/** All that needs the secret from outside, each purpose under a key of its own (HKDF-SHA-256, RFC 5869). */
export interface Secrets {
  newOtp(): FreshOtp;
  otpMac(salt: string, code: string): string;
  openCode(sealedCode: string): string;
  /** 256 bits, the same for the same target: a mail sent twice carries one link. */
  linkToken(target: Omit<LinkTarget, "firmId">): string;
  sealSession(session: Session): string;
  /** Undefined when forged or past its end. */
  openSession(token: string, now: Instant): Session | undefined;
  /** What a browser carries while it signs in elsewhere: it can neither read nor change it. */
  sealSignIn(state: string): string;
  /** Undefined when forged or damaged. */
  openSignIn(sealed: string): string | undefined;
  /** AES-256-GCM under a 32-byte key of its own, for private keys and the keys of collectes. */
  wrap(bytes: Uint8Array): Buffer;
  unwrap(wrapped: Uint8Array): Buffer;
  /** HMAC-SHA-256 (hex): a phone number that is counted but not kept, or the proof that an address is ours. */
  tag(purpose: TagPurpose, text: string): string;
}

export type TagPurpose = "sms-number" | "bounce-address";

const nonceBytes = 12;
const tagBytes = 16;

/** `master` is at least 32 bytes from outside; losing it loses every key and every personal value. */
export function createSecrets(master: Uint8Array): Secrets {
  const derive = (purpose: string) => Buffer.from(hkdfSync("sha256", master, "", `collecte/${purpose}`, 32));
  const otpPepper = derive("otp-pepper");
  const codeKey = derive("otp-outbox");
  const linkKey = derive("links");
  const sessionKey = derive("sessions");
  const signInKey = derive("sign-in");
  const wrappingKey = derive("key-wrapping");
  const tagKeys: Record<TagPurpose, Buffer> = {
    "sms-number": derive("sms-number"),
    "bounce-address": derive("bounce-address"),
  };
  const otpMac = (salt: string, code: string) =>
    createHmac("sha256", otpPepper).update(`${salt}:${code}`).digest("hex");
  const sessionMac = (body: string) => createHmac("sha256", sessionKey).update(body).digest();

  return {
    newOtp() {
      const code = String(randomInt(0, 1_000_000)).padStart(6, "0");
      const salt = freshBytes(16).toString("hex");
      const sealedCode = seal(codeKey, Buffer.from(code)).toString("base64url");
      return { id: freshBytes(12).toString("base64url"), salt, mac: otpMac(salt, code), sealedCode };
    },
    otpMac,
    openCode: (sealedCode) => open(codeKey, Buffer.from(sealedCode, "base64url")).toString(),
    linkToken: (target) =>
      createHmac("sha256", linkKey)
        .update([target.collecteId, target.personId, target.purpose, target.generation].join("\n"))
        .digest("base64url"),
    sealSession(session) {
      const body = Buffer.from(JSON.stringify(session)).toString("base64url");
      return `${body}.${sessionMac(body).toString("base64url")}`;
    },
    openSession(token, now) {
      const [body = "", mac = ""] = token.split(".");
      const given = Buffer.from(mac, "base64url");
      const expected = sessionMac(body);
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
      const session = JSON.parse(Buffer.from(body, "base64url").toString()) as Session;
      return now < session.expiresAt ? session : undefined;
    },
    sealSignIn: (state) => seal(signInKey, Buffer.from(state)).toString("base64url"),
    openSignIn(sealed) {
      try {
        return open(signInKey, Buffer.from(sealed, "base64url")).toString();
      } catch {
        return undefined;
      }
    },
    tag: (purpose, text) => createHmac("sha256", tagKeys[purpose]).update(text).digest("hex"),
    wrap: (bytes) => seal(wrappingKey, bytes),
    unwrap: (wrapped) => open(wrappingKey, wrapped),
  };
}

/** SHA-256 in hex: what is kept of a link's token or of an API key. */
export function digestOf(secret: string): string {
  return hash("sha256", secret);
}

/** AES-256-GCM: nonce, ciphertext, tag. */
export function seal(key: Uint8Array, bytes: Uint8Array): Buffer {
  const nonce = freshBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

/** Throws when the bytes were changed or the key is another. */
export function open(key: Uint8Array, sealed: Uint8Array): Buffer {
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  });
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()]);
}
