import { Retryable } from "../runtime/errors.ts";
import type { Clock, KeyMaterial, StampingPool, StampingUnit, Tsa } from "../runtime/ports.ts";

export interface OwnTsaDeps {
  pool: StampingPool;
  /** The timestamp unit's, asked for each time: it is renewed, and may be revoked. */
  key(): Promise<KeyMaterial>;
  clock: Clock;
  /** The policy that tokens state: an OID. */
  policy: string;
}

/** A TSA of ours: a thread that makes what is to be stamped may be given its unit instead, for that work alone. */
export interface OwnTsa extends Tsa {
  unit(): Promise<StampingUnit>;
}

/** The engine's own timestamp unit: the time is that of its clock, and it vouches for it by its own key. */
export function createOwnTsa({ pool, key, clock, policy }: OwnTsaDeps): OwnTsa {
  return {
    async stamp(digest) {
      const unit = await key();
      const stamped = await pool.stamp(unit, { digest, policy, at: clock.now() });
      if (!stamped.ok) throw new Retryable(stamped.code);
      return stamped.token;
    },
    unit: async () => ({ key: await key(), policy, aheadMs: clock.now() - Date.now() }),
  };
}
