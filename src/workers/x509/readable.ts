/**
 * Those of others' certificates, CRLs and OCSP answers that can be read, each once. What cannot (a DerError, or
 * node:crypto's error on a key that it does not know) helps nobody and is passed over.
 */
export function readable<T extends { sha256: string }>(
  ders: readonly Uint8Array[],
  read: (der: Uint8Array) => T,
): T[] {
  const found = new Map<string, T>();
  for (const der of ders) {
    try {
      const one = read(der);
      found.set(one.sha256, one);
    } catch {}
  }
  return [...found.values()];
}
