import type { Agent as HttpAgent } from "node:http";
import type { Agent as HttpsAgent } from "node:https";
import { Terminal } from "../../actors/runtime/errors.ts";
import type { BucketTarget, ObjectStores } from "../../actors/runtime/ports.ts";
import { type BucketOptions, type BucketPlace, bucketOf } from "./bucket.ts";
import { upload } from "./upload.ts";

/** How connections leave that others have named: each URL is admitted, and each address that is then met is judged. */
export interface Way {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
  admit(url: string): void;
  close(): void;
}

/** Both stand in the host of an address. */
const bucketName = /^(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const regionName = /^[a-z0-9-]{1,64}$/;

/** Buckets of others by S3; the options are for tests. */
export function createObjectStores(
  way: Way,
  options: Omit<BucketOptions, "purpose" | "agents"> = {},
): ObjectStores {
  return {
    async put(target, key, source) {
      const place = placeOf(target);
      if (place.endpoint !== undefined) way.admit(place.endpoint);
      const agents = { http: way.http, https: way.https };
      await upload(bucketOf(place, { ...options, purpose: "delivery", agents }), key, source);
    },
    close: () => way.close(),
  };
}

function placeOf({ bucket, prefix = "", region = "us-east-1", endpoint, ...key }: BucketTarget): BucketPlace {
  if (!bucketName.test(bucket) || !regionName.test(region)) throw new Terminal("outgoing_url_refused");
  const folder = prefix.replace(/^\/+|\/+$/g, "");
  return {
    bucket,
    prefix: folder === "" ? "" : `${folder}/`,
    region,
    ...(endpoint !== undefined && { endpoint }),
    accessKeyId: key.accessKeyId,
    secretAccessKey: key.secretAccessKey,
    pathStyle: endpoint !== undefined,
  };
}
