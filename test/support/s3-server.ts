import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from "@aws-sdk/client-s3";
import type { BucketPlace } from "../../src/store/s3/bucket.ts";
import { temporaryFolder } from "./folders.ts";
import { freePort } from "./ports.ts";

/** A Swift with its S3 API (Debian's packages), alone on a free port of the loopback. One serves a whole run. */
export interface TestS3 {
  readonly endpoint: string;
  /** A new empty bucket and the key to it. */
  bucket(versioned?: boolean): Promise<BucketPlace>;
  /** How many files it keeps objects in, of all buckets. */
  objectFiles(): Promise<string[]>;
}

const key = { accessKeyId: "tests:engine", secretAccessKey: "hush-hush-of-tests" };
const program = fileURLToPath(new URL("../../../test/support/swift-server.py", import.meta.url));
/** The packages are for the system's own Python, whichever else is in the path. */
const python = "/usr/bin/python3";

let running: Promise<TestS3 | undefined> | undefined;

/**
 * Answers with the server of this run, started by the first who asks; or with undefined, and a warning, when Swift is
 * not on this machine. Throws instead when CI is "true".
 */
export function sharedS3(): Promise<TestS3 | undefined> {
  running ??= startS3();
  return running;
}

async function startS3(): Promise<TestS3 | undefined> {
  const folder = await temporaryFolder();
  const port = await freePort();
  const { accessKeyId, secretAccessKey } = key;
  const server = spawn(python, [program, folder, String(port), accessKeyId, secretAccessKey], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  process.once("exit", () => {
    server.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  if (!(await saysReady(server))) {
    if (process.env["CI"] === "true") throw new Error("Swift is not installed, and CI must test with it");
    console.warn(
      "SKIPPED: Swift (swift-proxy, swift-object, …) is not installed, so nothing was tested on S3",
    );
    return undefined;
  }
  // It ends with our end of the pipe; the tests end without it.
  server.unref();
  for (const pipe of [server.stdin, server.stdout]) (pipe as unknown as { unref(): void } | null)?.unref();
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new S3Client({ endpoint, region: "us-east-1", forcePathStyle: true, credentials: key });
  let buckets = 0;
  return {
    endpoint,
    async bucket(versioned = false) {
      const bucket = `tests-${process.pid}-${buckets++}`;
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
      if (versioned) {
        const VersioningConfiguration = { Status: "Enabled" } as const;
        await client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration }));
      }
      return { bucket, prefix: "documents/", endpoint, region: "us-east-1", ...key, pathStyle: true };
    },
    async objectFiles() {
      const files = await readdir(join(folder, "devices"), { recursive: true });
      return files.filter((name) => name.endsWith(".data"));
    },
  };
}

async function saysReady(server: ChildProcess): Promise<boolean> {
  const said = server.stdout ? once(server.stdout, "data").then(() => true) : Promise.resolve(false);
  const ended = once(server, "close").then(
    () => false,
    () => false,
  );
  return Promise.race([said, ended]);
}
