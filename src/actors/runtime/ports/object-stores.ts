import type { Readable } from "node:stream";
import type { DeliveryTarget } from "./firms.ts";

/** A bucket that somebody names, with the key to it. */
export type BucketTarget = Extract<DeliveryTarget, { kind: "s3" }>;

/** What is to be uploaded; `open` is called once more for each try. */
export interface Upload {
  bytes: number;
  sha256: string;
  contentType?: string;
  open(): Promise<Readable>;
}

/**
 * Buckets of others, such as those that firms have their documents pushed to. Addresses that are not public are
 * refused, as are answers from them: see `Outgoing`.
 */
export interface ObjectStores {
  /**
   * Puts one object under that key, below the target's prefix, in place of what was there. Once it resolves the store
   * has confirmed length and SHA-256; what failed left nothing half written under the key. Throws `Retryable`
   * `delivery_unreachable` (away, slow, busy), `delivery_refused` (the bucket, the key or a right is wrong) or
   * `delivery_unconfirmed`; `Terminal` `outgoing_url_refused` or `outgoing_address_refused`.
   */
  put(target: BucketTarget, key: string, upload: Upload): Promise<void>;
  /** Closes kept connections; twice is fine. */
  close(): void;
}
