import { generalizedTime, integer, oid, sequence, smallInteger, tag } from "../../x509/der.ts";
import {
  DerError,
  type DerNode,
  elements,
  expect,
  readBoolean,
  readInteger,
  readOid,
  readPreciseTime,
  readSmall,
  readWhole,
} from "../../x509/der-reader.ts";
import { readExtensions } from "../../x509/extensions.ts";
import { cmsOids } from "../../x509/oids.ts";
import { buildEnclosing, type CmsSigner } from "../build.ts";
import { readSignedData, type SignedData } from "../signed-data.ts";
import { type Imprint, readImprint, writeImprint } from "./imprint.ts";

/** A timestamp token taken apart (RFC 3161 §2.4.2); nothing in it is checked beyond its form. */
export interface TimestampToken {
  der: Uint8Array;
  /** An OID: under which rules it was made. */
  policy: string;
  imprint: Imprint;
  /** Lower-case hex, without a sign byte. */
  serialHex: string;
  genTime: Date;
  /** How far genTime may be from the truth, in milliseconds; absent: the policy says it. */
  accuracyMs?: number;
  nonce?: bigint;
  /** OIDs of critical extensions that we do not process. */
  unknownCritical: string[];
  signedData: SignedData;
  /** The TSTInfo: what the TSA signed. */
  content: Uint8Array;
}

/** What a token is to say; `digest` is a SHA-256, `policy` an OID, and no two serials of a TSA are the same. */
export interface TimestampContent {
  digest: Uint8Array;
  policy: string;
  serial: bigint;
  genTime: Date;
  nonce?: bigint;
}

/**
 * A token by this timestamp unit, its certificate and chain included (EN 319 422 §5): genTime in whole seconds, which
 * its accuracy of one second allows and every validator reads.
 */
export function buildTimestampToken(tsu: CmsSigner, content: TimestampContent): Uint8Array {
  const { digest, policy, serial, genTime, nonce } = content;
  const info = sequence(
    smallInteger(1),
    oid(policy),
    writeImprint(digest),
    integer(serial),
    generalizedTime(genTime),
    sequence(smallInteger(1)),
    ...(nonce === undefined ? [] : [integer(nonce)]),
  );
  return buildEnclosing(tsu, cmsOids.tstInfo, info);
}

/** Throws a DerError. */
export function readTimestampToken(bytes: Uint8Array): TimestampToken {
  const der = Uint8Array.from(bytes);
  const signedData = readSignedData(der);
  const { content, contentType } = signedData;
  if (contentType !== cmsOids.tstInfo || content === undefined) throw new DerError("not a timestamp");
  return { der, signedData, content, ...readInfo(readWhole(content)) };
}

function readInfo(node: DerNode): Omit<TimestampToken, "der" | "signedData" | "content"> {
  const [version, policy, imprint, serial, genTime, ...rest] = elements(node, tag.sequence);
  if (readSmall(version) !== 1) throw new DerError("not a TSTInfo");
  const accuracy = rest[0]?.tag === tag.sequence ? rest.shift() : undefined;
  if (rest[0]?.tag === tag.boolean) readBoolean(rest.shift());
  const nonce = rest[0]?.tag === tag.integer ? rest.shift() : undefined;
  if (rest[0]?.tag === 0xa0) rest.shift();
  const extensions = rest[0]?.tag === 0xa1 ? rest.shift() : undefined;
  if (rest.length > 0) throw new DerError("not a TSTInfo");
  const list = extensions === undefined ? [] : readExtensions({ ...extensions, tag: tag.sequence });
  return {
    policy: readOid(policy),
    imprint: readImprint(imprint),
    serialHex: Buffer.from(expect(serial, tag.integer).content)
      .toString("hex")
      .replace(/^00(?=.)/, ""),
    genTime: readPreciseTime(genTime),
    ...(accuracy !== undefined && { accuracyMs: readAccuracy(accuracy) }),
    ...(nonce !== undefined && { nonce: readInteger(nonce) }),
    unknownCritical: list.filter(({ isCritical }) => isCritical).map(({ name }) => name),
  };
}

/** Accuracy, rounded up to the millisecond. */
function readAccuracy(node: DerNode): number {
  const part = (found: DerNode | undefined) =>
    found === undefined ? 0 : readSmall({ ...found, tag: tag.integer });
  const parts = elements(node, tag.sequence);
  const of = (number: number) => part(parts.find((one) => one.tag === number));
  if (parts.some((one) => ![tag.integer, 0x80, 0x81].includes(one.tag)))
    throw new DerError("not an Accuracy");
  return of(tag.integer) * 1000 + of(0x80) + Math.ceil(of(0x81) / 1000);
}
