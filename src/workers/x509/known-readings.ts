import { createHash } from "node:crypto";
import { type Crl, readCrl as readAnyCrl } from "./crl.ts";
import { readOcspResponse as readAnyOcspResponse } from "./ocsp-response.ts";

const mostKnown = 100;
/** Lists of large authorities have many entries: none of them may fill the memory of a thread. */
const mostBytes = 64 * 1024;

/**
 * Our authorities' lists and answers come back with every document: each is taken apart once a thread. Readings are
 * shared, and not to be changed; what can't be read throws each time.
 */
function onceAThread<T>(read: (der: Uint8Array) => T): (der: Uint8Array) => Readonly<T> {
  const known = new Map<string, T>();
  return (der) => {
    if (der.length > mostBytes) return read(der);
    const id = createHash("sha256").update(der).digest("base64");
    const reading = known.get(id) ?? read(der);
    known.delete(id);
    known.set(id, reading);
    for (const oldest of known.keys()) {
      if (known.size <= mostKnown) break;
      known.delete(oldest);
    }
    return reading;
  };
}

export const readCrl: (der: Uint8Array) => Readonly<Crl> = onceAThread((der) => readAnyCrl(der));

export const readOcspResponse = onceAThread((der) => readAnyOcspResponse(der));
