import { openBlobs } from "../../src/store/blobs.ts";
import { signDocument } from "../../src/workers/sign-document.ts";
import { createTestPki, memberOf, someDay } from "../workers/pki.ts";

/*
 * A process that a test starts, and kills: it signs the document of that SHA-256, again and again, each time the one
 * that came of it last, and prints the SHA-256 of each once it is adopted.
 */
const [folder = "", first = ""] = process.argv.slice(2);
const blobs = await openBlobs(folder);
const signer = memberOf(createTestPki());
for (let head = first; ; ) {
  const outPath = blobs.temporaryPath();
  const task = {
    path: (await blobs.borrow(head)).path,
    outPath,
    share: true,
    signer,
    signingTime: someDay.getTime(),
    name: "Zoé",
  };
  const result = await signDocument(task);
  if (!result.ok) throw new Error(result.code);
  await blobs.adopt(outPath, result.sha256);
  head = result.sha256;
  process.stdout.write(`${head}\n`);
}
