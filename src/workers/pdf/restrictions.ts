import { catalogOf } from "./pages.ts";
import { as, countOf, dict, nameOf, type PdfDict } from "./syntax/objects.ts";
import { decodeText } from "./syntax/text.ts";
import type { PdfView } from "./view.ts";

/** What may change after a signature: ISO 32000-2, table 257. */
export type Permission = 1 | 2 | 3;

/** The fields that a signature locks (ISO 32000-2, tables 236 and 259). */
export interface FieldLock {
  readonly action: "All" | "Include" | "Exclude";
  readonly fields: readonly string[];
}

/**
 * What a signature says of the changes that may follow it. `permission` is absent when neither it nor a certification
 * that was there says anything: then nobody allowed form filling or annotations, nor forbade further signatures.
 */
export interface Restrictions {
  readonly permission?: Permission;
  readonly locks: readonly FieldLock[];
}

/** The restrictions by a signature dictionary and its field, in the document as it was signed. */
export function restrictionsBy(view: PdfView, signature: PdfDict, field: PdfDict | undefined): Restrictions {
  const permissions: Permission[] = [];
  const locks: FieldLock[] = [];
  const perms = view.dict(catalogOf(view).dict.entries.get("Perms"));
  const certification = view.dict(perms?.entries.get("DocMDP"));
  for (const { method, parameters } of certification ? transformsOf(view, certification) : []) {
    if (method === "DocMDP") permissions.push(permissionIn(view, parameters) ?? 2);
  }
  for (const { method, parameters } of transformsOf(view, signature)) {
    if (method === "DocMDP") permissions.push(permissionIn(view, parameters) ?? 2);
    if (method === "FieldMDP") heedLock(view, parameters, permissions, locks);
  }
  const lock = view.dict(field?.entries.get("Lock"));
  if (lock !== undefined) heedLock(view, lock, permissions, locks);
  const strictest = permissions.toSorted()[0];
  return { locks, ...(strictest !== undefined && { permission: strictest }) };
}

/** Whether one of the locks holds for the field of that full name. */
export function isLocked(name: string, locks: readonly FieldLock[]): boolean {
  return locks.some(({ action, fields }) => {
    const isNamed = fields.some((one) => name === one || name.startsWith(`${one}.`));
    return action === "All" || isNamed === (action === "Include");
  });
}

/** What a signature refers to in its references (ISO 32000-2, table 256). */
export function* transformsOf(view: PdfView, signature: PdfDict) {
  for (const item of view.items(signature.entries.get("Reference"))) {
    const reference = view.dict(item)?.entries;
    const method = nameOf(view.resolve(reference?.get("TransformMethod")));
    const parameters = view.dict(reference?.get("TransformParams"));
    yield { method, parameters: parameters ?? NONE };
  }
}

const NONE = dict([]);

function heedLock(view: PdfView, lock: PdfDict, permissions: Permission[], locks: FieldLock[]): void {
  const permission = permissionIn(view, lock);
  if (permission !== undefined) permissions.push(permission);
  const action = nameOf(view.resolve(lock.entries.get("Action")));
  if (action !== "All" && action !== "Include" && action !== "Exclude") return;
  locks.push({ action, fields: fieldsNamedBy(view, lock) });
}

/** The full names of the fields that a lock lists. */
export function fieldsNamedBy(view: PdfView, lock: PdfDict): string[] {
  const names = view.items(lock.entries.get("Fields")).map((item) => as(view.resolve(item), "string"));
  return names.flatMap((name) => (name === undefined ? [] : decodeText(name.bytes)));
}

function permissionIn(view: PdfView, parameters: PdfDict): Permission | undefined {
  const value = view.resolve(parameters.entries.get("P"));
  if (value === null) return undefined;
  const permission = countOf(value);
  // An absurd one allows nothing.
  return permission === 2 || permission === 3 ? permission : 1;
}
