import { createPublicKey, type KeyObject } from "node:crypto";
import { tag } from "./der.ts";
import { type DerNode, elements, readBits, readOid } from "./der-reader.ts";

interface Curve {
  name: "P-256" | "P-384" | "P-521";
  coordinateBytes: number;
}

const ecPublicKey = "1.2.840.10045.2.1";
const curves: Readonly<Record<string, Curve>> = {
  "1.2.840.10045.3.1.7": { name: "P-256", coordinateBytes: 32 },
  "1.3.132.0.34": { name: "P-384", coordinateBytes: 48 },
  "1.3.132.0.35": { name: "P-521", coordinateBytes: 66 },
};

/**
 * The key in a SubjectPublicKeyInfo; throws node:crypto's error when it is none, or not a point of its curve.
 * OpenSSL 3 takes 0.11 ms to decode one and 0.07 ms for the same key as a JWK: EC keys, all of ours, go that way.
 * Only in this direction: Node 20 may deadlock when a key pair it has just made is exported as a JWK.
 */
export function readPublicKey(spki: DerNode): KeyObject {
  const [algorithm, bits] = elements(spki, tag.sequence);
  const [type, parameters] = elements(algorithm, tag.sequence);
  if (readOid(type) === ecPublicKey && parameters?.tag === tag.oid) {
    const curve = curves[readOid(parameters)];
    const point = readBits(bits);
    if (curve !== undefined && point[0] === 4 && point.length === 1 + 2 * curve.coordinateBytes) {
      const half = 1 + curve.coordinateBytes;
      const x = Buffer.from(point.subarray(1, half)).toString("base64url");
      const y = Buffer.from(point.subarray(half)).toString("base64url");
      return createPublicKey({ format: "jwk", key: { kty: "EC", crv: curve.name, x, y } });
    }
  }
  return createPublicKey({ key: Buffer.from(spki.raw), format: "der", type: "spki" });
}
