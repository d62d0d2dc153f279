import { Option } from "commander";
import type { RevocationReason } from "../store/revocations.ts";

const reasons: RevocationReason[] = [
  "unspecified",
  "keyCompromise",
  "affiliationChanged",
  "superseded",
  "cessationOfOperation",
  "privilegeWithdrawn",
];

/** `--reason`, in the words of RFC 5280. */
export const reasonOption = (): Option =>
  new Option("--reason <reason>", "why, as verifiers will read it").choices(reasons).default("unspecified");
