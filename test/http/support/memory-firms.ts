import { KeyReused } from "../../../src/actors/runtime/errors.ts";
import type { ApiKey, ApiKeys, Firm, Firms, Logos } from "../../../src/actors/runtime/ports.ts";

/** Firms in memory, as the door changes them. */
export function memoryFirms(firms: Firm[]): Firms {
  const find = (id: string) => firms.find((firm) => firm.id === id);
  return {
    read: async (id) => find(id),
    async change(id, change) {
      const firm = find(id);
      return firm && Object.assign(firm, change(firm));
    },
  };
}

/** Logos in memory. */
export function memoryLogos(): Logos {
  const kept = new Map<string, Uint8Array>();
  return {
    read: async (firmId) => kept.get(firmId),
    put: async (firmId, image) => void kept.set(firmId, image),
    remove: async (firmId) => void kept.delete(firmId),
  };
}

/** API keys in memory; those that tests call with are not among them. */
export function memoryKeys(clock: { now(): number }): ApiKeys & { uses: string[] } {
  const kept = new Map<string, { firmId: string; key: ApiKey; fingerprint: string | undefined }>();
  const find = (firmId: string, id: string) => {
    const found = kept.get(id);
    return found?.firmId === firmId ? found : undefined;
  };
  const uses: string[] = [];
  return {
    uses,
    list: async (firmId) => [...kept.values()].filter((one) => one.firmId === firmId).map(({ key }) => key),
    find: async (firmId, id) => find(firmId, id)?.key,
    async add(firmId, { id, fingerprint }, given) {
      const before = find(firmId, id);
      if (before && before.fingerprint !== fingerprint) throw new KeyReused();
      if (before) return { key: before.key };
      const key = { id, ...given, createdAt: clock.now() };
      kept.set(id, { firmId, key, fingerprint });
      return { key, apiKey: `ck_${id}` };
    },
    async revoke(firmId, id) {
      const found = find(firmId, id);
      if (found) found.key = { ...found.key, revokedAt: clock.now() };
      return found?.key;
    },
    used: (id) => void uses.push(id),
  };
}
