import { booleanTrue, integer, oid, sequence, smallInteger, tag } from "../../x509/der.ts";
import {
  DerError,
  elements,
  readBoolean,
  readInteger,
  readOid,
  readSmall,
  readWhole,
} from "../../x509/der-reader.ts";
import { type Imprint, readImprint, writeImprint } from "./imprint.ts";

/** What a TSA is asked for (RFC 3161 §2.4.1). */
export interface TimestampRequest {
  imprint: Imprint;
  /** An OID. */
  policy?: string;
  nonce?: bigint;
  wantsCertificate: boolean;
}

/** Asks for a timestamp over a SHA-256 digest, with the TSA's certificate in it. */
export function buildTimestampRequest({
  digest,
  nonce,
  policy,
}: {
  digest: Uint8Array;
  nonce: bigint;
  policy?: string;
}): Uint8Array {
  return sequence(
    smallInteger(1),
    writeImprint(digest),
    ...(policy === undefined ? [] : [oid(policy)]),
    integer(nonce),
    booleanTrue,
  );
}

/** Throws a DerError. Extensions are passed over. */
export function readTimestampRequest(der: Uint8Array): TimestampRequest {
  const [version, imprint, ...rest] = elements(readWhole(der), tag.sequence);
  if (readSmall(version) !== 1) throw new DerError("not a TimeStampReq");
  const policy = rest[0]?.tag === tag.oid ? rest.shift() : undefined;
  const nonce = rest[0]?.tag === tag.integer ? rest.shift() : undefined;
  const wanted = rest[0]?.tag === tag.boolean ? rest.shift() : undefined;
  if (rest[0]?.tag === 0xa0) rest.shift();
  if (rest.length > 0) throw new DerError("not a TimeStampReq");
  return {
    imprint: readImprint(imprint),
    ...(policy !== undefined && { policy: readOid(policy) }),
    ...(nonce !== undefined && { nonce: readInteger(nonce) }),
    wantsCertificate: wanted !== undefined && readBoolean(wanted),
  };
}
