import type { Draft, Gathered, SignatureToProve, SignTask, StepFailure } from "../../actors/runtime/ports.ts";
import { isSignerOf } from "../cms/check.ts";
import { readSignedData, type SignedData, splitContents } from "../cms/signed-data.ts";
import { type OpenDocument, withDocument } from "../open-document.ts";
import { readEvidence } from "../pdf/evidence-store.ts";
import { type PdfSignature, readSignatures } from "../pdf/signatures.ts";
import { appendedSource } from "../pdf/source.ts";
import { openPdf } from "../pdf/tail.ts";
import { readCertificate } from "../x509/certificate.ts";
import { DerError, sameBytes } from "../x509/der-reader.ts";
import { chainAbove } from "../x509/path.ts";
import { readable } from "../x509/readable.ts";
import { stepFailure } from "./step-failure.ts";
import { withToken } from "./token-place.ts";

/**
 * Puts the token of the last signature in its place, and says for which certificates evidence is wanted: of every
 * signature and timestamp that the document has, those of others too. Never throws.
 */
export function gather(task: SignTask, draft: Draft, token: Uint8Array): Gathered | StepFailure {
  try {
    return withDocument(task.path, (document) => gatheredIn(document, task, draft, token));
  } catch (error) {
    return stepFailure(error);
  }
}

/** As `gather`, of an open document; throws. */
export function gatheredIn(
  { source }: Pick<OpenDocument, "source">,
  task: SignTask,
  draft: Draft,
  token: Uint8Array,
): Gathered {
  const tail = withToken(draft, token);
  const { ok, before, certificateDer } = draft;
  const pdf = openPdf(appendedSource(source, tail));
  const stored = readEvidence(pdf.latest).certificates;
  const anchors = [task.signer.rootDer, ...(task.trustDer ?? [])];
  const signatures = signaturesToProve(readSignatures(pdf), stored, anchors);
  return { ok: true, draft: { ok, before, tail, certificateDer }, signatures };
}

interface Parsed {
  contents: Uint8Array;
  /** The signature's, and those of its timestamps. */
  cms: SignedData[];
}

function signaturesToProve(
  signatures: readonly PdfSignature[],
  storedDer: readonly Uint8Array[],
  anchorsDer: readonly Uint8Array[],
): SignatureToProve[] {
  const parsed = signatures.flatMap(parse);
  const inCms = parsed.flatMap(({ cms }) => cms.flatMap(({ certificatesDer }) => certificatesDer));
  const known = readable([...anchorsDer, ...storedDer, ...inCms], readCertificate);
  return parsed.map(({ contents, cms }) => {
    const chains = cms.flatMap((each) => {
      const signer = known.find((certificate) => isSignerOf(each, certificate));
      return signer === undefined ? [] : [chainAbove(signer, known).map(({ der }) => der)];
    });
    const top = chains[0]?.at(-1);
    return {
      contents,
      isOurs: top !== undefined && anchorsDer.some((anchor) => sameBytes(anchor, top)),
      chains,
    };
  });
}

/** What cannot be read, of others, is for a check to complain of: nothing is to be gathered for it. */
function parse({ contents }: PdfSignature): Parsed[] {
  try {
    const { cms } = splitContents(contents);
    const signature = readSignedData(cms);
    return [{ contents, cms: [signature, ...signature.timestampsDer.map(readSignedData)] }];
  } catch (error) {
    if (error instanceof DerError) return [];
    throw error;
  }
}
