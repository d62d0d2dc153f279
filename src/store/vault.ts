import { freshBytes } from "../actors/runtime/chance.ts";
import { open, type Secrets, seal } from "../actors/runtime/secrets.ts";

/**
 * Hides what is said about people. Each actor has a key of its own, kept wrapped in a table of its own: destroying
 * that row erases every personal value and leaves the record's hash chain whole, since it covers the ciphertext.
 */
export interface Vault {
  /** A fresh key for an actor, wrapped for the `actor_keys` table. */
  create(actorId: string): string;
  /** Makes a stored key known; cheap when it is known already. */
  learn(actorId: string, wrapped: string): void;
  /** The value with its `personal` member, if any, as ciphertext. */
  hide(actorId: string, value: object): object;
  show(actorId: string, value: unknown): unknown;
}

/** Unwrapped keys kept in memory; the oldest make room. */
const keptKeys = 20_000;

export function createVault(secrets: Secrets): Vault {
  const keys = new Map<string, { key: Buffer; wrapped: string }>();

  /** As the newest: a key that is in use is not the one that makes room. */
  function keep(actorId: string, kept: { key: Buffer; wrapped: string }): void {
    keys.delete(actorId);
    if (keys.size >= keptKeys) {
      const oldest = keys.keys().next();
      if (!oldest.done) keys.delete(oldest.value);
    }
    keys.set(actorId, kept);
  }

  function keyOf(actorId: string): Buffer {
    const key = keys.get(actorId)?.key;
    if (!key) throw new Error(`the key of ${actorId} is not known: it was destroyed or never read`);
    return key;
  }

  return {
    create(actorId) {
      const key = freshBytes(32);
      const wrapped = secrets.wrap(key).toString("base64");
      keep(actorId, { key, wrapped });
      return wrapped;
    },
    learn(actorId, wrapped) {
      const known = keys.get(actorId);
      // The table is right: a key that was made here for a row that another writer made first was never stored.
      const key = known?.wrapped === wrapped ? known.key : secrets.unwrap(Buffer.from(wrapped, "base64"));
      keep(actorId, { key, wrapped });
    },
    hide(actorId, value) {
      if (!("personal" in value)) return value;
      const plain = Buffer.from(JSON.stringify(value.personal));
      return { ...value, personal: seal(keyOf(actorId), plain).toString("base64") };
    },
    show(actorId, value) {
      if (typeof value !== "object" || value === null || !("personal" in value)) return value;
      if (typeof value.personal !== "string") return value;
      const plain = open(keyOf(actorId), Buffer.from(value.personal, "base64"));
      return { ...value, personal: JSON.parse(plain.toString()) };
    },
  };
}
