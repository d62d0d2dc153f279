import { namedBits, sequence, smallInteger, tag, utf8String } from "../../x509/der.ts";
import { DerError, type DerNode, elements, expect, readSmall, readWhole } from "../../x509/der-reader.ts";

/** Why a TSA refuses, by bit number (RFC 3161 §2.4.2, PKIFailureInfo). */
const failures = {
  badAlg: 0,
  badRequest: 2,
  badDataFormat: 5,
  timeNotAvailable: 14,
  unacceptedPolicy: 15,
  unacceptedExtension: 16,
  addInfoNotAvailable: 17,
  systemFailure: 25,
} as const;

/** One of the reasons that RFC 3161 names. */
export type TimestampFailure = keyof typeof failures;

/** PKIStatus by its number. */
const statuses = [
  "granted",
  "grantedWithMods",
  "rejection",
  "waiting",
  "revocationWarning",
  "revocationNotification",
] as const;

export type TimestampStatus = (typeof statuses)[number];

/** A TSA's answer; the token is not looked into. `text` is the TSA's own, cut at 200 characters. */
export type TimestampResponse =
  | { ok: true; tokenDer: Uint8Array }
  | { ok: false; status: TimestampStatus; failureInfo?: TimestampFailure; text?: string };

/** A token under way, or a refusal. */
export function buildTimestampResponse(
  answer: { tokenDer: Uint8Array } | { failureInfo: TimestampFailure; text?: string },
): Uint8Array {
  if ("tokenDer" in answer) return sequence(sequence(smallInteger(0)), answer.tokenDer);
  return sequence(
    sequence(
      smallInteger(statuses.indexOf("rejection")),
      ...(answer.text === undefined ? [] : [sequence(utf8String(answer.text))]),
      namedBits([failures[answer.failureInfo]]),
    ),
  );
}

/** Throws a DerError; on "granted" without a token, too. */
export function readTimestampResponse(der: Uint8Array): TimestampResponse {
  const [info, token, extra] = elements(readWhole(der), tag.sequence);
  if (extra !== undefined) throw new DerError("not a TimeStampResp");
  const [number, ...rest] = elements(info, tag.sequence);
  const status = statuses[readSmall(number)];
  if (status === undefined) throw new DerError("no such PKIStatus");
  if (status === "granted" || status === "grantedWithMods") {
    return { ok: true, tokenDer: expect(token, tag.sequence).raw };
  }
  const texts = rest[0]?.tag === tag.sequence ? elements(rest.shift(), tag.sequence) : [];
  const bits = rest[0]?.tag === tag.bitString ? rest.shift() : undefined;
  const failureInfo = bits === undefined ? undefined : readFailure(bits);
  const text = texts.map(({ content }) => Buffer.from(content).toString("utf8")).join(" ");
  return {
    ok: false,
    status,
    ...(failureInfo !== undefined && { failureInfo }),
    ...(text !== "" && { text: text.slice(0, 200) }),
  };
}

function readFailure({ content: [, ...bytes] }: DerNode): TimestampFailure | undefined {
  const isSet = (bit: number) => ((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0;
  const names = Object.keys(failures) as TimestampFailure[];
  return names.find((name) => isSet(failures[name]));
}
