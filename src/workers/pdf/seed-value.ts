import { PdfRefused } from "./refused.ts";
import { as, countOf, nameOf, type PdfDict, type PdfObject } from "./syntax/objects.ts";
import { decodeText } from "./syntax/text.ts";
import type { PdfView } from "./view.ts";

/** What a signature to be made has to show for itself. */
export interface PlannedSignature {
  readonly reason?: string;
  readonly isVisible: boolean;
  readonly certify: boolean;
  readonly lock: boolean;
}

// ISO 32000-2, table 237: which entries bind, by the bits of /Ff.
const BINDING = {
  Filter: 1,
  SubFilter: 2,
  V: 4,
  Reasons: 8,
  LegalAttestation: 16,
  AddRevInfo: 32,
  DigestMethod: 64,
  LockDocument: 128,
  AppearanceFilter: 256,
} as const;
// PDF 2.0 (table 237, /V): what we meet of later seed values is not known.
const NEWEST_VERSION = 3;

/**
 * Throws `PdfRefused` (`field_seed_value`) when an empty field's seed value demands of its signature what ours is not.
 * What it only wishes for is its author's preference.
 */
export function heedSeedValue(view: PdfView, seed: PdfDict, planned: PlannedSignature): void {
  const value = (key: string) => view.resolve(seed.entries.get(key));
  const flags = countOf(value("Ff")) ?? 0;
  const binds = (key: keyof typeof BINDING) => (flags & BINDING[key]) !== 0 && value(key) !== null;
  const texts = (key: string) =>
    view.items(seed.entries.get(key)).map((item) => {
      const object = view.resolve(item);
      const text = as(object, "string");
      return text === undefined ? (nameOf(object) ?? "") : decodeText(text.bytes);
    });
  if (binds("Filter") && nameOf(value("Filter")) !== "Adobe.PPKLite") throw unmet("Filter");
  if (binds("SubFilter") && !texts("SubFilter").includes("ETSI.CAdES.detached")) throw unmet("SubFilter");
  if (binds("V") && (as(value("V"), "number")?.value ?? 0) > NEWEST_VERSION) throw unmet("V");
  if (binds("DigestMethod") && !texts("DigestMethod").includes("SHA256")) throw unmet("DigestMethod");
  if (binds("Reasons") && !allowsReason(texts("Reasons"), planned.reason)) throw unmet("Reasons");
  if (binds("LegalAttestation") && planned.certify) throw unmet("LegalAttestation");
  if (binds("AddRevInfo") && value("AddRevInfo") === true) throw unmet("AddRevInfo");
  if (binds("LockDocument") && !allowsLock(value("LockDocument"), planned.lock)) throw unmet("LockDocument");
  if (binds("AppearanceFilter") && planned.isVisible) throw unmet("AppearanceFilter");
  heedCertification(view, seed, planned);
  // Tables 238 and 239: constraints on the certificate, or a timestamp of a certain authority.
  for (const key of ["Cert", "TimeStamp"]) {
    const constraints = view.dict(seed.entries.get(key));
    if ((countOf(view.resolve(constraints?.entries.get("Ff"))) ?? 0) !== 0) throw unmet(key);
  }
}

// A single full stop says that no reason may be given.
function allowsReason(allowed: readonly string[], reason: string | undefined): boolean {
  if (allowed.length === 0 || (allowed.length === 1 && allowed[0] === ".")) return reason === undefined;
  return reason !== undefined && allowed.includes(reason);
}

function allowsLock(demand: PdfObject, lock: boolean): boolean {
  const word = typeof demand === "boolean" ? String(demand) : nameOf(demand);
  return word === "auto" || word === String(lock);
}

// Always binding: 0 demands an approval, 1 to 3 a certification that allows as much.
function heedCertification(view: PdfView, seed: PdfDict, { certify }: PlannedSignature): void {
  const demand = view.dict(seed.entries.get("MDP"));
  if (demand === undefined) return;
  const permission = countOf(view.resolve(demand.entries.get("P")));
  if (permission === 0 ? certify : !certify || permission !== 2) throw unmet("MDP");
}

function unmet(entry: string): PdfRefused {
  return new PdfRefused("field_seed_value", `the field demands another /${entry}`);
}
