import { Option } from "commander";
import { revocationReasons } from "../store/revocations.ts";

/** What may become of a person's or a firm's certificate: they are no authorities. */
const reasons = revocationReasons.filter((reason) => reason !== "cACompromise");

/** `--reason`, in the words of RFC 5280. */
export const reasonOption = (): Option =>
  new Option("--reason <reason>", "why, as verifiers will read it").choices(reasons).default("unspecified");
