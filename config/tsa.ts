import { existsSync } from "node:fs";
import type { Variables } from "./schema.ts";

/** `authorization` is the whole header's value; `trustFile` a file of PEM certificates. */
export interface TsaSettings {
  readonly url: string;
  readonly authorization?: string;
  readonly policy?: string;
  readonly trustFile?: string;
}

/** The faults of `TSA_URL` and of what goes with it. */
export function tsaFaults(values: Variables, mode: "test" | "production"): string[] {
  const { TSA_URL, TSA_USERNAME, TSA_PASSWORD, TSA_TOKEN, TSA_TRUST } = values;
  const faults: string[] = [];
  const others = ["TSA_USERNAME", "TSA_PASSWORD", "TSA_TOKEN", "TSA_POLICY", "TSA_TRUST"] as const;
  const idle = TSA_URL === undefined ? others.filter((name) => values[name] !== undefined) : [];
  for (const name of idle) faults.push(`${name}: means nothing without TSA_URL`);
  if ((TSA_USERNAME === undefined) !== (TSA_PASSWORD === undefined))
    faults.push("TSA_USERNAME: goes with TSA_PASSWORD, and that with it");
  if (TSA_TOKEN !== undefined && TSA_USERNAME !== undefined)
    faults.push("TSA_TOKEN: give it or TSA_USERNAME, not both");
  // What was stamped is read back, and a token that leads to nobody we know proves nothing.
  if (TSA_URL !== undefined && TSA_TRUST === undefined)
    faults.push("TSA_TRUST: needed with TSA_URL: the certificates that the TSA's leads to");
  if (TSA_TRUST !== undefined && !existsSync(TSA_TRUST)) faults.push("TSA_TRUST: the file can't be read");
  if (mode === "production" && TSA_URL?.startsWith("http:"))
    faults.push("TSA_URL: must begin with https:// in production mode");
  return faults;
}

export function tsaOf(values: Variables): TsaSettings | undefined {
  const { TSA_URL, TSA_USERNAME, TSA_PASSWORD, TSA_TOKEN, TSA_POLICY, TSA_TRUST } = values;
  if (TSA_URL === undefined) return undefined;
  const basic = Buffer.from(`${TSA_USERNAME}:${TSA_PASSWORD}`).toString("base64");
  return {
    url: TSA_URL,
    ...(TSA_USERNAME !== undefined && { authorization: `Basic ${basic}` }),
    ...(TSA_TOKEN !== undefined && { authorization: `Bearer ${TSA_TOKEN}` }),
    ...(TSA_POLICY !== undefined && { policy: TSA_POLICY }),
    ...(TSA_TRUST !== undefined && { trustFile: TSA_TRUST }),
  };
}
