import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import type { Agent as HttpAgent } from "node:http";
import type { Agent as HttpsAgent } from "node:https";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from "@aws-sdk/client-s3";
import { Retryable } from "../../actors/runtime/errors.ts";
import { isAbsent, type Purpose, patiently, tried } from "./failures.ts";

/** Where a bucket is, and the key to it. */
export interface BucketPlace {
  bucket: string;
  /** What every key begins with; empty, or ends with a slash. */
  prefix: string;
  /** Not Amazon's own. */
  endpoint?: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** The bucket's name is in the path of addresses, not in their host. */
  pathStyle: boolean;
}

export interface BucketOptions {
  purpose: Purpose;
  /** The way out, where addresses must be judged. */
  agents?: { http: HttpAgent; https: HttpsAgent };
  /** How long a connection may take, and how long a store may be silent. */
  connectMs?: number;
  stallMs?: number;
  pausesMs?: readonly number[];
  /** What is larger than `wholeBytes` goes in parts. S3 takes none below 5 MB but the last. */
  wholeBytes?: number;
  partBytes?: number;
}

/** What the modules of this folder share of one bucket. */
export interface Bucket {
  readonly place: BucketPlace;
  readonly client: S3Client;
  readonly purpose: Purpose;
  readonly stallMs: number;
  readonly pausesMs: readonly number[];
  readonly wholeBytes: number;
  readonly partBytes: number;
}

const silent = () => undefined;
/** Its warnings go to the console otherwise. */
const logger = { trace: silent, debug: silent, info: silent, warn: silent, error: silent };

/** Nothing is asked yet. All that the SDK would look up in the environment or in files of the home folder is said. */
export function bucketOf(place: BucketPlace, options: BucketOptions): Bucket {
  const { purpose, agents, connectMs = 5_000, stallMs = 30_000, pausesMs = [200, 1_000] } = options;
  const client = new S3Client({
    region: place.region,
    ...(place.endpoint !== undefined && { endpoint: place.endpoint }),
    forcePathStyle: place.pathStyle,
    credentials: { accessKeyId: place.accessKeyId, secretAccessKey: place.secretAccessKey },
    // What is sent is signed with its SHA-256, and what is read is hashed here; trailers are not known everywhere.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    // Bodies are streams: only who opens them anew can try again.
    maxAttempts: 1,
    retryMode: "standard",
    defaultsMode: "standard",
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    useArnRegion: false,
    disableMultiregionAccessPoints: true,
    disableS3ExpressSessionAuth: true,
    requestHandler: {
      connectionTimeout: connectMs,
      ...(agents ? { httpAgent: agents.http, httpsAgent: agents.https } : { httpsAgent: { maxSockets: 64 } }),
    },
    logger,
  });
  const { wholeBytes = 16 << 20, partBytes = 8 << 20 } = options;
  return { place, client, purpose, stallMs, pausesMs, wholeBytes, partBytes };
}

const addressOf = ({ place }: Bucket, name: string) => ({ Bucket: place.bucket, Key: place.prefix + name });

/** Downloads an object into a new file, and answers with its length and SHA-256; undefined: there is none. */
export async function download(
  bucket: Bucket,
  name: string,
  path: () => string,
  expect: (bytes: number) => Promise<void>,
): Promise<{ path: string; bytes: number; sha256: string } | undefined> {
  const { client, purpose, pausesMs, stallMs } = bucket;
  return tried(purpose, pausesMs, () =>
    patiently(stallMs, async (signal, alive) => {
      const asked = new GetObjectCommand(addressOf(bucket, name));
      const answer = await orAbsent(client.send(asked, { abortSignal: signal }));
      if (answer?.Body === undefined) return undefined;
      const body = answer.Body as Readable;
      const to = path();
      let bytes = 0;
      const hash = createHash("sha256");
      const counted = async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          alive();
          bytes += chunk.length;
          hash.update(chunk);
          yield chunk;
        }
      };
      try {
        await expect(answer.ContentLength ?? 0);
      } catch (error) {
        body.destroy();
        throw error;
      }
      await pipeline(body, counted, createWriteStream(to, { flags: "wx" }), { signal });
      // Without a length nobody could tell a whole answer from one that was cut off.
      if (bytes !== answer.ContentLength) throw new Retryable(`${purpose}_unreachable`);
      return { path: to, bytes, sha256: hash.digest("hex") };
    }),
  );
}

/** What the store says of an object; undefined: there is none. */
export async function look(
  bucket: Bucket,
  name: string,
): Promise<{ bytes: number; modifiedAt: number; sha256?: string } | undefined> {
  const asked = () => new HeadObjectCommand({ ...addressOf(bucket, name), ChecksumMode: "ENABLED" });
  const answer = await ask(bucket, (signal) =>
    orAbsent(bucket.client.send(asked(), { abortSignal: signal })),
  );
  if (answer === undefined) return undefined;
  const { ContentLength, LastModified, ChecksumSHA256, ChecksumType } = answer;
  const isWhole =
    ChecksumSHA256 !== undefined && ChecksumType !== "COMPOSITE" && !ChecksumSHA256.includes("-");
  return {
    bytes: ContentLength ?? -1,
    modifiedAt: LastModified?.getTime() ?? Number.POSITIVE_INFINITY,
    ...(isWhole && { sha256: Buffer.from(ChecksumSHA256, "base64").toString("hex") }),
  };
}

export async function removeObject(bucket: Bucket, name: string): Promise<void> {
  const asked = () => new DeleteObjectCommand(addressOf(bucket, name));
  await ask(bucket, (signal) => orAbsent(bucket.client.send(asked(), { abortSignal: signal })));
}

/** All objects below the prefix by name, a page at a time. */
export async function* list(bucket: Bucket): AsyncGenerator<{ name: string; modifiedAt: number }[]> {
  const { place, client } = bucket;
  let from: { ContinuationToken?: string } = {};
  for (;;) {
    const asked = new ListObjectsV2Command({ Bucket: place.bucket, Prefix: place.prefix, ...from });
    const answer = await ask(bucket, (signal) => client.send(asked, { abortSignal: signal }));
    yield (answer.Contents ?? []).map(({ Key = "", LastModified }) => ({
      name: Key.slice(place.prefix.length),
      modifiedAt: LastModified?.getTime() ?? Number.POSITIVE_INFINITY,
    }));
    if (!answer.IsTruncated || answer.NextContinuationToken === undefined) return;
    from = { ContinuationToken: answer.NextContinuationToken };
  }
}

/** Gives up uploads in parts that were begun before then: no list shows them, and they hold documents. */
export async function removeUnfinished(bucket: Bucket, before: number): Promise<void> {
  const { place, client } = bucket;
  let from: { KeyMarker?: string; UploadIdMarker?: string } = {};
  for (;;) {
    const asked = new ListMultipartUploadsCommand({ Bucket: place.bucket, Prefix: place.prefix, ...from });
    const answer = await ask(bucket, (signal) => client.send(asked, { abortSignal: signal }));
    for (const { Key, UploadId, Initiated } of answer.Uploads ?? []) {
      if ((Initiated?.getTime() ?? Number.POSITIVE_INFINITY) >= before) continue;
      const abort = new AbortMultipartUploadCommand({ Bucket: place.bucket, Key, UploadId });
      await ask(bucket, (signal) => orAbsent(client.send(abort, { abortSignal: signal })));
    }
    if (!answer.IsTruncated || !answer.NextKeyMarker) return;
    from = {
      KeyMarker: answer.NextKeyMarker,
      ...(answer.NextUploadIdMarker && { UploadIdMarker: answer.NextUploadIdMarker }),
    };
  }
}

/** Whether the bucket keeps, or once kept, old versions of what is removed; undefined: it will not say. */
export async function keepsVersions(bucket: Bucket): Promise<boolean | undefined> {
  const asked = new GetBucketVersioningCommand({ Bucket: bucket.place.bucket });
  try {
    const { client, stallMs } = bucket;
    const answer = await patiently(stallMs, (abortSignal) => client.send(asked, { abortSignal }));
    return answer.Status !== undefined;
  } catch {
    return undefined;
  }
}

/** One request without a stream, tried again where a moment may help. */
function ask<T>(
  { purpose, pausesMs, stallMs }: Bucket,
  request: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return tried(purpose, pausesMs, () => patiently(stallMs, request));
}

async function orAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}
