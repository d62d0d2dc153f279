import { freshBytes } from "../actors/runtime/chance.ts";
import { open, type Secrets, seal } from "../actors/runtime/secrets.ts";

/**
 * Hides what is said about people. Each actor has a key of its own, kept wrapped in a table of its own: destroying
 * that row erases every personal value and leaves the record's hash chain whole, since it covers the ciphertext.
 */
export interface Vault {
  /** A fresh key for an actor, wrapped for the `actor_keys` table. */
  create(actorId: string): string;
  /** Makes a stored key known, or that there is none any more; cheap when it is known already. */
  learn(actorId: string, wrapped: string | null): void;
  /** The value with its `personal` member, if any, as ciphertext; without it once the key was destroyed. */
  hide(actorId: string, value: object): object;
  /** What can't be read any more is an empty `personal`. */
  show(actorId: string, value: unknown): unknown;
  /** Forgets the keys that nobody has used since the last time but one. */
  age(): void;
}

/** Unwrapped keys kept in memory: twice as many at most. */
const keptKeys = 10_000;

/** `undefined`: it was destroyed. */
interface Kept {
  key: Buffer | undefined;
  wrapped: string | null;
}

export function createVault(secrets: Secrets): Vault {
  let young = new Map<string, Kept>();
  let old = new Map<string, Kept>();

  function keep(actorId: string, kept: Kept): void {
    if (young.size >= keptKeys) age();
    young.set(actorId, kept);
  }

  function age(): void {
    for (const [actorId, { key }] of old) if (young.get(actorId)?.key !== key) key?.fill(0);
    old = young;
    young = new Map();
  }

  const find = (actorId: string): Kept | undefined => young.get(actorId) ?? old.get(actorId);

  function keyOf(actorId: string): Buffer | undefined {
    const kept = find(actorId);
    if (!kept) throw new Error(`the key of ${actorId} was never read`);
    return kept.key;
  }

  return {
    create(actorId) {
      const key = freshBytes(32);
      const wrapped = secrets.wrap(key).toString("base64");
      keep(actorId, { key, wrapped });
      return wrapped;
    },
    learn(actorId, wrapped) {
      const known = find(actorId);
      // The table is right: a key that was made here for a row that another writer made first was never stored.
      if (known && known.wrapped === wrapped) return keep(actorId, known);
      known?.key?.fill(0);
      const key = wrapped === null ? undefined : secrets.unwrap(Buffer.from(wrapped, "base64"));
      keep(actorId, { key, wrapped });
    },
    hide(actorId, value) {
      if (!("personal" in value)) return value;
      const { personal, ...rest } = value;
      const key = keyOf(actorId);
      if (!key) return rest;
      const plain = Buffer.from(JSON.stringify(personal));
      return { ...rest, personal: seal(key, plain).toString("base64") };
    },
    show(actorId, value) {
      if (typeof value !== "object" || value === null || !("personal" in value)) return value;
      if (typeof value.personal !== "string") return value;
      const key = keyOf(actorId);
      if (!key) return { ...value, personal: {} };
      const plain = open(key, Buffer.from(value.personal, "base64"));
      return { ...value, personal: JSON.parse(plain.toString()) };
    },
    age,
  };
}
