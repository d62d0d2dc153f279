import { createInterface } from "node:readline";
import { verifyDocument } from "../verify-document.ts";
import type { Question } from "./verifier.ts";

// One question a line, one report a line, in order; the end of the input ends the process.
for await (const line of createInterface({ input: process.stdin })) {
  const { path, trust, at } = JSON.parse(line) as Question;
  const trustDer = trust.map((der) => Buffer.from(der, "base64"));
  process.stdout.write(`${JSON.stringify(verifyDocument(path, { trustDer, at }))}\n`);
}
