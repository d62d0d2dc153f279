import { codeOf, Retryable } from "./actors/runtime/errors.ts";
import type { Log } from "./actors/runtime/ports.ts";
import type { Store } from "./store/store.ts";

/** The bucket can't hold documents as it is; the message says what to do. */
export class BlobsRefused extends Error {
  constructor(message: string, options: { cause: unknown }) {
    super(message, options);
    this.name = "BlobsRefused";
  }
}

const refusals: Readonly<Record<string, string>> = {
  blobs_refused:
    "BLOBS_URL: the object store refuses: is there such a bucket, and may this key list, read, write and delete in it?",
  blobs_versioned:
    "BLOBS_URL: the bucket keeps versions of what is removed, and documents must be gone when they are purged: take one that never had versions",
};

/** Fails when the bucket of the documents can't be used; one that does not answer may come back while we run. */
export async function checkBlobs(store: Pick<Store, "checkBlobs">, log: Log): Promise<void> {
  try {
    await store.checkBlobs();
  } catch (cause) {
    const code = codeOf(cause);
    const refusal = refusals[code];
    if (refusal !== undefined) throw new BlobsRefused(refusal, { cause });
    if (!(cause instanceof Retryable)) throw cause;
    log.warn({ code }, "the object store of the documents does not answer");
  }
}
