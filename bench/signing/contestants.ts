import { createHash, createPrivateKey, sign } from "node:crypto";
import { CryptoKeySigner, P12Signer, PDF, type Signer } from "@libpdf/core";
import { plainAddPlaceholder } from "@signpdf/placeholder-plain";
import { P12Signer as SignpdfSigner } from "@signpdf/signer-p12";
import { SignPdf } from "@signpdf/signpdf";
import { DocumentDigest } from "../../src/workers/document-digest.ts";
import { bytesSource } from "../../src/workers/pdf/source.ts";
import { signedRevision } from "../../src/workers/signed-revision.ts";
import { cantooWith } from "./cantoo.ts";
import { type Identity, p12Password } from "./identities.ts";

/** Signs a document in memory, with a key that it has made ready. Answers the whole file, or what is to follow it. */
export type Sign = (pdf: Uint8Array) => Promise<{ whole: Uint8Array } | { tail: Uint8Array }>;

/** One that signs: undefined for a key that it cannot use. */
export type Contestant = (identity: Identity) => Promise<Sign | undefined>;

export const contestantNames = [
  "floor",
  "collecte",
  "@signpdf/signpdf",
  "@libpdf/core",
  "@cantoo/pdf-lib + our CMS",
] as const;
export type ContestantName = (typeof contestantNames)[number];

export const contestants: Record<ContestantName, Contestant> = {
  floor,
  collecte,
  "@signpdf/signpdf": signpdf,
  "@libpdf/core": libpdf,
  "@cantoo/pdf-lib + our CMS": cantooWith,
};

/** What nobody can save: SHA-256 of the bytes, and one key operation. */
async function floor({ key }: Identity): Promise<Sign> {
  const privateKey = createPrivateKey({ key: Buffer.from(key.pkcs8), format: "der", type: "pkcs8" });
  const attributes = Buffer.alloc(300);
  return async (pdf) => {
    createHash("sha256").update(pdf).digest();
    return { tail: sign("sha256", attributes, privateKey) };
  };
}

/** The revision with its CMS, which is what a document grows by: the file is not copied. */
async function collecte({ key, rootDer }: Identity): Promise<Sign> {
  return async (pdf) => {
    const source = bytesSource(pdf);
    const signer = { kind: "kept" as const, key, rootDer };
    const task = { signer, signingTime: Date.now(), name: "Collecte bench", reason: "Bench" };
    return { tail: signedRevision(source, task, DocumentDigest.of(source)).tail };
  };
}

async function signpdf({ p12 }: Identity): Promise<Sign | undefined> {
  if (p12 === undefined) return undefined;
  const signing = new SignPdf();
  return async (pdf) => {
    // It signs once: the container is read to its end.
    const signer = new SignpdfSigner(Buffer.from(p12), { passphrase: p12Password });
    const pdfBuffer = plainAddPlaceholder({
      pdfBuffer: Buffer.from(pdf.buffer, pdf.byteOffset, pdf.byteLength),
      ...{ reason: "Bench", contactInfo: "", name: "Collecte bench", location: "" },
    });
    return { whole: await signing.sign(pdfBuffer, signer) };
  };
}

/** RSA from a container, as its documentation does; EC through WebCrypto. */
async function libpdf(identity: Identity): Promise<Sign> {
  const signer = await libpdfSigner(identity);
  return async (pdf) => {
    const document = await PDF.load(pdf);
    return { whole: (await document.sign({ signer, reason: "Bench" })).bytes };
  };
}

/** A key as this library takes it. */
export async function libpdfSigner({ key, rootDer, p12 }: Identity): Promise<Signer> {
  if (p12 !== undefined) return P12Signer.create(p12, p12Password);
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const privateKey = await crypto.subtle.importKey("pkcs8", Buffer.from(key.pkcs8), algorithm, false, [
    "sign",
  ]);
  return new CryptoKeySigner(privateKey, key.certificateDer, "EC", "ECDSA", [rootDer]);
}
