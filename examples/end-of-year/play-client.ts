import { createHash } from "node:crypto";
import type { MailSink } from "../../src/cli/sinks/mail-sink.ts";
import type { ParsedMail } from "../../src/cli/sinks/parse-mail.ts";
import type { SmsSink } from "../../src/cli/sinks/sms-sink.ts";
import { ApiProblem } from "./api-client.ts";
import type { SigningApi } from "./signing-api.ts";

/** Where a play takes place: the engine's signing side, and the post and the phones of everybody in it. */
export interface Stage {
  api: SigningApi;
  mail: Pick<MailSink, "next">;
  sms: Pick<SmsSink, "next">;
  /** How long a mail or an SMS may take. */
  timeoutMs?: number;
}

/** Somebody with a letter box and a phone; many collectes may reach the same ones. */
export interface Player {
  email: string;
  phone: string;
}

/** A document that was downloaded and has the digest that was announced. */
export interface DownloadedDocument {
  id: string;
  sha256: string;
  pdf: Buffer;
}

/**
 * Does what an invited person does: takes the mail about the collecte of this title, follows its link, reads every
 * document, ticks the box, reads the SMS and gives the code. Resolves once the engine has accepted the signature.
 */
export async function playSignatory(stage: Stage, player: Player, title: string): Promise<void> {
  const { api, sms, timeoutMs } = stage;
  const session = await follow(stage, player.email, title, "sign");
  const documents = await readAll(api, session);
  const otpId = await askForCode(api, session, documents);
  const isForThis = ({ text }: { text: string }) => referenceIn(text) === otpId.slice(0, 4);
  const { text } = await sms.next(player.phone, isForThis, timeoutMs);
  const code = /\b(?:est|is) (\d{6})\b/.exec(text)?.[1];
  if (code === undefined) throw new Error("the SMS holds no code");
  await give(api, session, code, otpId);
}

/** Follows the link, reads every document, and says no. */
export async function refuseToSign(
  stage: Stage,
  player: Player,
  title: string,
  reason: string,
): Promise<void> {
  const session = await follow(stage, player.email, title, "sign");
  await readAll(stage.api, session);
  await stage.api.refuse(session, reason);
}

/** Waits for the mail that says that all have signed, and downloads every document by its link. */
export async function downloadSigned(
  stage: Stage,
  email: string,
  title: string,
): Promise<DownloadedDocument[]> {
  return readAll(stage.api, await follow(stage, email, title, "download"));
}

/** A consent whose answer was lost with its connection is refused when it is sent again: the code is on its way. */
async function askForCode(
  api: SigningApi,
  session: string,
  documents: DownloadedDocument[],
): Promise<string> {
  const digests = documents.map(({ sha256 }) => sha256);
  try {
    return (await api.consent(session, digests)).otpId;
  } catch (error) {
    const { otp } = isProblem(error, "otp_too_soon") ? await api.view(session) : {};
    if (!otp) throw error;
    return otp.id;
  }
}

/** So is a code whose answer was lost: it has done its work. */
async function give(api: SigningApi, session: string, code: string, otpId: string): Promise<void> {
  try {
    await api.sign(session, code, otpId);
  } catch (error) {
    if (!isProblem(error, "signature_in_progress", "already_signed")) throw error;
  }
}

function isProblem(error: unknown, ...codes: string[]): boolean {
  return error instanceof ApiProblem && codes.includes(error.code);
}

async function follow(
  { api, mail, timeoutMs }: Stage,
  email: string,
  title: string,
  page: "sign" | "download",
): Promise<string> {
  const link = (received: ParsedMail) => received.links.find((url) => url.includes(`/${page}#`));
  const isAboutThis = (received: ParsedMail) =>
    titleIn(received.text) === title && link(received) !== undefined;
  const received = await mail.next(email, isAboutThis, timeoutMs);
  const { session, purpose } = await api.openSession(link(received)?.split("#")[1] ?? "");
  if (purpose !== page) throw new Error(`a link to ${page} opened a session to ${purpose}`);
  return session;
}

async function readAll(api: SigningApi, session: string): Promise<DownloadedDocument[]> {
  const { documents } = await api.view(session);
  return Promise.all(
    documents.map(async ({ id, sha256 }) => {
      const pdf = await api.document(session, id);
      if (createHash("sha256").update(pdf).digest("hex") !== sha256) {
        throw new Error("a document is not the one that was announced");
      }
      return { id, sha256, pdf };
    }),
  );
}

/** The title stands on a line of its own, in quotation marks. */
function titleIn(text: string): string | undefined {
  return /^(?:«\s*(.*?)\s*»|“(.*?)”)$/mu.exec(text)?.slice(1).find(Boolean);
}

/** "(réf. AB12)": several codes may wait on one phone. */
function referenceIn(text: string): string | undefined {
  return /\(r[ée]f\. ([\w-]{4})\)/.exec(text)?.[1];
}
