import type { WritableKeyring } from "../store/keyring.ts";

/** The engine's root, and the roots of the certificates that were brought: what this engine's signatures lead to. */
export async function anchorsOf(keyring: WritableKeyring): Promise<Uint8Array[]> {
  const entries = await keyring.entries();
  const brought = entries.flatMap(({ anchorDer }) => (anchorDer === undefined ? [] : [anchorDer]));
  const all = [await keyring.rootDer(), ...brought];
  return all.filter((der, i) => all.findIndex((other) => Buffer.compare(der, other) === 0) === i);
}
