import { gsm7, septets } from "./gsm7.ts";
import type { Language } from "./text.ts";

/** One SMS of the GSM 7-bit alphabet (3GPP TS 23.038): more is sent, and paid, as two. */
const smsSeptets = 160;

/** The one-time code as it is sent; `reference` tells which of several codes a phone received is asked for. */
export function otpSms(about: {
  language: Language;
  firmName: string;
  code: string;
  reference: string;
  /** For how long it is good. */
  lifeMs: number;
}): string {
  const { language, code } = about;
  const minutes = Math.round(about.lifeMs / 60_000);
  const reference = gsm7(about.reference);
  const words =
    language === "fr"
      ? ` : votre code de signature est ${code} (réf. ${reference}), valable ${minutes} minutes. Ne le communiquez à personne.`
      : `: your signing code is ${code} (ref. ${reference}), valid for ${minutes} minutes. Do not give it to anyone.`;
  return `${fitting(gsm7(about.firmName), smsSeptets - septets(words))}${words}`;
}

/** The part of a code's id that its SMS shows, and by which the one who asked for it knows it. */
export function otpReference(otpId: string): string {
  return otpId.slice(0, 4);
}

function fitting(name: string, room: number): string {
  let short = name;
  while (septets(short) > room) short = short.slice(0, -1).trimEnd();
  return short;
}
