import { createGuardedWay } from "./actors/effects/guard.ts";
import type { ObjectStores } from "./actors/runtime/ports.ts";

/** The buckets of others, by the guarded way out; `mayLoop` in test mode. What speaks S3 is loaded by the first who asks. */
export function joinObjectStores(options: { mayLoop: boolean }): ObjectStores {
  const way = createGuardedWay(options);
  return {
    async put(target, key, upload) {
      const { createObjectStores } = await import("./store/s3/object-stores.ts");
      await createObjectStores(way).put(target, key, upload);
    },
    close: () => way.close(),
  };
}
