import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { Retryable } from "../../actors/runtime/errors.ts";
import type { Upload } from "../../actors/runtime/ports.ts";
import { Turns } from "../../actors/runtime/turns.ts";
import { type Bucket, look } from "./bucket.ts";
import { patiently, tried } from "./failures.ts";

/** Parts are held in memory: so many uploads in parts at once. */
const large = new Turns(4);

/**
 * Puts an object, whole or in parts, and asks the store what it then has. Every request is signed with the SHA-256 of
 * its body, which the store compares with what arrived: nothing else can get the name.
 */
export async function upload(bucket: Bucket, name: string, source: Upload): Promise<void> {
  const { purpose, pausesMs, wholeBytes } = bucket;
  await tried(purpose, pausesMs, async () => {
    if (source.bytes <= wholeBytes) await putWhole(bucket, name, source);
    else await large.take(() => putParts(bucket, name, source));
    const kept = await look(bucket, name);
    const isSame = kept?.bytes === source.bytes && (kept.sha256 ?? source.sha256) === source.sha256;
    if (!isSame) throw new Retryable(`${purpose}_unconfirmed`);
  });
}

async function putWhole(
  { place, client, purpose, stallMs }: Bucket,
  name: string,
  source: Upload,
): Promise<void> {
  const { bytes, sha256, contentType = "application/pdf" } = source;
  await patiently(stallMs, async (signal, alive) => {
    const stream = await source.open();
    const body = Readable.from(exactly(stream, bytes, purpose, alive), { objectMode: false });
    const broken = new AbortController();
    let failure: unknown;
    body.once("error", (error) => {
      failure = error;
      broken.abort();
    });
    const put = new PutObjectCommand({
      Bucket: place.bucket,
      Key: place.prefix + name,
      Body: body,
      ContentLength: bytes,
      ContentType: contentType,
      ChecksumSHA256: Buffer.from(sha256, "hex").toString("base64"),
    });
    signedWith(put, sha256);
    try {
      await client.send(put, { abortSignal: AbortSignal.any([signal, broken.signal]) });
    } catch (error) {
      throw failure ?? error;
    } finally {
      body.destroy();
      stream.destroy();
    }
  });
}

async function putParts(bucket: Bucket, name: string, source: Upload): Promise<void> {
  const { place, client, purpose, stallMs, partBytes } = bucket;
  const object = { Bucket: place.bucket, Key: place.prefix + name };
  const create = new CreateMultipartUploadCommand({
    ...object,
    ContentType: source.contentType ?? "application/pdf",
  });
  const { UploadId } = await patiently(stallMs, (abortSignal) => client.send(create, { abortSignal }));
  const begun = { ...object, UploadId };
  const stream = await source.open();
  try {
    const hash = createHash("sha256");
    const Parts: { ETag: string | undefined; PartNumber: number }[] = [];
    for await (const Body of pieces(
      exactly(stream, source.bytes, purpose, () => undefined),
      partBytes,
    )) {
      hash.update(Body);
      const PartNumber = Parts.length + 1;
      const part = new UploadPartCommand({ ...begun, PartNumber, Body });
      signedWith(part, createHash("sha256").update(Body).digest("hex"));
      const { ETag } = await patiently(stallMs, (abortSignal) => client.send(part, { abortSignal }));
      Parts.push({ ETag, PartNumber });
    }
    // The parts arrived as they were read; this is whether they were read as they had been written.
    if (hash.digest("hex") !== source.sha256) throw new Retryable(`${purpose}_unconfirmed`);
    const complete = new CompleteMultipartUploadCommand({ ...begun, MultipartUpload: { Parts } });
    await patiently(2 * stallMs, (abortSignal) => client.send(complete, { abortSignal }));
  } catch (error) {
    const abort = new AbortMultipartUploadCommand(begun);
    // What is not given up now, a sweep finds.
    await patiently(stallMs, (abortSignal) => client.send(abort, { abortSignal })).catch(() => undefined);
    throw error;
  } finally {
    stream.destroy();
  }
}

/** The SDK signs a stream's bytes as "unsigned" or would have to hold them all; a digest that is there already is kept. */
function signedWith(command: { middlewareStack: unknown }, sha256: string): void {
  (command.middlewareStack as BuildSteps).add(
    (next) => (call) => {
      call.request.headers["x-amz-content-sha256"] = sha256;
      return next(call);
    },
    { step: "build", name: "digestOfBody" },
  );
}

type BuildStep = (call: { request: { headers: Record<string, string> } }) => unknown;

/** The stacks of different commands have nothing in common for the compiler; these are the types of their builds. */
interface BuildSteps {
  add(step: (next: BuildStep) => BuildStep, options: { step: "build"; name: string }): void;
}

async function* exactly(
  source: AsyncIterable<Uint8Array>,
  bytes: number,
  purpose: string,
  alive: () => void,
): AsyncGenerator<Uint8Array> {
  let read = 0;
  for await (const chunk of source) {
    alive();
    read += chunk.length;
    if (read > bytes) break;
    yield chunk;
  }
  if (read !== bytes) throw new Retryable(`${purpose}_unconfirmed`);
}

/** In pieces of this size, the last of what is left. */
async function* pieces(source: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Buffer> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of source) {
    let rest = chunk;
    while (bytes + rest.length >= size) {
      const fitting = rest.subarray(0, size - bytes);
      yield Buffer.concat([...held, fitting]);
      rest = rest.subarray(fitting.length);
      held = [];
      bytes = 0;
    }
    held.push(rest);
    bytes += rest.length;
  }
  if (bytes > 0) yield Buffer.concat(held);
}
