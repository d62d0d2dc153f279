import { randomBytes } from "node:crypto";
import type { KeyMaterial, StampOrder, StepFailure } from "../actors/runtime/ports.ts";
import { buildTimestampToken } from "./cms/timestamp/token.ts";
import { keptSigner } from "./signer-keys.ts";
import { failureOf } from "./task-failure.ts";

/** A token by our own timestamp unit (EN 319 422); its serial number is of 127 bits of chance. Never throws. */
export function stamp(key: KeyMaterial, order: StampOrder): { ok: true; token: Uint8Array } | StepFailure {
  try {
    const { digest, policy, at } = order;
    const serial = BigInt(`0x${randomBytes(16).toString("hex")}`) >> 1n;
    const genTime = new Date(at);
    return { ok: true, token: buildTimestampToken(keptSigner(key), { digest, policy, serial, genTime }) };
  } catch (error) {
    return failureOf(error);
  }
}
