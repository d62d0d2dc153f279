import { randomBytes } from "node:crypto";
import { openS3Blobs } from "../../../src/store/s3/blobs.ts";
import { adopted } from "./contract.ts";

/* A process that a test starts and kills: adopts documents, and prints the name of each once it is adopted. */
const [cacheFolder = "", place = ""] = process.argv.slice(2);
const { blobs } = openS3Blobs(JSON.parse(place), { cacheFolder, cacheBytes: 1 << 30 });
for (;;) process.stdout.write(`${await adopted(blobs, randomBytes(300_000))}\n`);
