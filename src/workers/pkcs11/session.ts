import { createRequire } from "node:module";
import type { Handle, PKCS11 } from "pkcs11js";
import type { TokenKeySpec } from "../../actors/runtime/ports.ts";
import { ckrOf, TokenFailure } from "./failure.ts";

type Bindings = typeof import("pkcs11js");

/** A session that is logged in on a token, with the key found on it. */
export interface TokenSession {
  readonly module: PKCS11;
  readonly slot: Handle;
  readonly session: Handle;
  readonly key: Handle;
}

let bindings: Bindings | undefined;

/** The native bindings, an optional dependency: loaded when the first key asks, since most engines have no token. */
export function pkcs11Bindings(): Bindings {
  try {
    bindings ??= createRequire(import.meta.url)("pkcs11js") as Bindings;
    return bindings;
  } catch (cause) {
    throw new TokenFailure("pkcs11_unavailable", { cause });
  }
}

const modules = new Map<string, PKCS11>();

// A token counts wrong PINs and locks after a few: one that was refused is not tried a second time by this thread.
const refusedPins = new Set<string>();

/** Opens a session and logs in; throws a `TokenFailure` or the module's own error. */
export function openSession(spec: TokenKeySpec): TokenSession {
  const module = moduleAt(spec.modulePath);
  const slot = slotOf(module, spec.tokenLabel);
  const { CKF_SERIAL_SESSION } = pkcs11Bindings();
  const session = module.C_OpenSession(slot, CKF_SERIAL_SESSION);
  try {
    logIn(module, session, spec);
    return { module, slot, session, key: privateKeyIn(module, session, spec) };
  } catch (error) {
    module.C_CloseSession(session);
    throw error;
  }
}

function moduleAt(path: string): PKCS11 {
  const { PKCS11, CKF_OS_LOCKING_OK } = pkcs11Bindings();
  const module = modules.get(path) ?? loaded(new PKCS11(), path);
  modules.set(path, module);
  try {
    // Threads of one process share the module: it is initialised once, with locks of its own, and never finalised.
    module.C_Initialize({ flags: CKF_OS_LOCKING_OK });
  } catch (error) {
    if (ckrOf(error) !== "CKR_CRYPTOKI_ALREADY_INITIALIZED") throw error;
  }
  return module;
}

function loaded(module: PKCS11, path: string): PKCS11 {
  try {
    module.load(path);
    return module;
  } catch (cause) {
    throw new TokenFailure("pkcs11_unavailable", { cause });
  }
}

function slotOf(module: PKCS11, tokenLabel: string): Handle {
  const slot = module
    .C_GetSlotList(true)
    .find((one) => module.C_GetTokenInfo(one).label.trimEnd() === tokenLabel);
  if (slot === undefined) throw new TokenFailure("token_absent");
  return slot;
}

function logIn(module: PKCS11, session: Handle, { modulePath, tokenLabel, pin }: TokenKeySpec): void {
  const attempt = JSON.stringify([modulePath, tokenLabel, pin]);
  if (refusedPins.has(attempt)) throw new TokenFailure("token_pin_refused");
  try {
    module.C_Login(session, pkcs11Bindings().CKU_USER, pin);
  } catch (error) {
    // Logging in counts for all sessions of the process (PKCS#11 2.40 §2.6.3): another thread may have been first.
    if (ckrOf(error) === "CKR_USER_ALREADY_LOGGED_IN") return;
    if (ckrOf(error) === "CKR_PIN_INCORRECT") refusedPins.add(attempt);
    throw error;
  }
}

function privateKeyIn(module: PKCS11, session: Handle, { keyLabel, idHex }: TokenKeySpec): Handle {
  const { CKA_CLASS, CKA_LABEL, CKA_ID, CKO_PRIVATE_KEY } = pkcs11Bindings();
  const wanted = [
    { type: CKA_CLASS, value: CKO_PRIVATE_KEY },
    ...(keyLabel === undefined ? [] : [{ type: CKA_LABEL, value: keyLabel }]),
    ...(idHex === undefined ? [] : [{ type: CKA_ID, value: Buffer.from(idHex, "hex") }]),
  ];
  module.C_FindObjectsInit(session, wanted);
  const found = module.C_FindObjects(session, 2);
  module.C_FindObjectsFinal(session);
  const [key, another] = found;
  // Of two keys under one label nobody can tell which is meant.
  if (key === undefined || another !== undefined) throw new TokenFailure("token_key_missing");
  return key;
}
