import type { Appearance, PageBox } from "../../actors/runtime/ports.ts";
import { certify, lockOfAll, putLock, referencesEntry, refuseIfSigned } from "./certification.ts";
import type { RevisionDraft } from "./draft.ts";
import { fillField } from "./existing-field.ts";
import { formOf } from "./fields.ts";
import { annotate, enlist } from "./form.ts";
import { pageAt } from "./page-at.ts";
import { firstPageOf, type PdfPage } from "./pages.ts";
import { lockedNames } from "./permissions.ts";
import { PdfRefused } from "./refused.ts";
import { drawStamp, type StampContent } from "./stamp/appearance.ts";
import { readLogo } from "./stamp/logo.ts";
import { rectOf, sightOf, uprightMatrix } from "./stamp/place.ts";
import { array, as, dict, integer, name, type PdfObject, type PdfRef, string } from "./syntax/objects.ts";
import { decodeText, encodeText } from "./syntax/text.ts";
import type { PdfView } from "./view.ts";

/** Where a signature stands and what it shows; an invisible one in a new field without anything. */
export interface FieldRequest {
  /** ISO 32000-2, 12.8.2.2.2: a document timestamp is allowed whatever certifications and locks say. */
  readonly isTimestamp?: boolean;
  readonly fieldName?: string;
  readonly reason?: string;
  readonly appearance?: Appearance;
  readonly fields?: readonly { readonly fieldName: string; readonly box: PageBox }[];
  readonly certify?: boolean;
  readonly lock?: boolean;
}

// Print and Locked (ISO 32000-2, table 167): invisible by its empty rectangle, not by the Hidden flag.
const WIDGET_FLAGS = 132;
const MAX_FIELDS = 100_000;

/**
 * Gives the document a signature field whose value is `signature`, or fills one that it has, and makes the empty fields
 * that were asked for. Answers what the signature's dictionary must say of it. Throws `PdfRefused`.
 */
export function placeField(
  draft: RevisionDraft,
  signature: PdfRef,
  request: FieldRequest,
): [string, PdfObject][] {
  const { view } = draft;
  const { appearance, reason } = request;
  if (request.certify === true) refuseIfSigned(view);
  const existing = appearance && "fieldName" in appearance.at ? appearance.at.fieldName : undefined;
  const locked = request.isTimestamp === true ? new Set<string>() : lockedNames(view, existing);
  const stamp = appearance && contentOf(appearance);
  const added: PdfRef[] = [];
  let lock = request.lock === true ? lockOfAll() : undefined;
  const taken = takenNames(view, locked);
  if (existing !== undefined) {
    const planned = { certify: request.certify === true, lock: request.lock === true };
    const own = fillField(draft, existing, signature, stamp, {
      ...planned,
      ...(reason !== undefined && { reason }),
    });
    lock ??= own;
  } else {
    const entries: [string, PdfObject][] = [["V", signature]];
    if (lock !== undefined) entries.push(["Lock", draft.add(lock)]);
    const at = appearance && "page" in appearance.at ? appearance.at : undefined;
    added.push(newField(draft, freeName(taken, request.fieldName), at, stamp, entries));
  }
  for (const { fieldName, box } of request.fields ?? []) {
    if (taken.has(fieldName) || fieldName.includes("."))
      throw new PdfRefused("field_taken", "a field to come can't have that name");
    taken.add(fieldName);
    added.push(newField(draft, fieldName, box, undefined, []));
  }
  enlist(draft, added);
  const references = request.certify === true ? [certify(draft, signature)] : [];
  if (lock !== undefined) references.push(putLock(draft, lock));
  return referencesEntry(references);
}

function contentOf({ lines, logo }: Appearance): StampContent {
  return { lines, ...(logo !== undefined && { logo: readLogo(logo) }) };
}

// Without a place it is invisible, on the first page.
function newField(
  draft: RevisionDraft,
  title: string,
  at: PageBox | undefined,
  stamp: StampContent | undefined,
  entries: [string, PdfObject][],
): PdfRef {
  const { view } = draft;
  const page = at === undefined ? firstPageOf(view) : pageAt(view, at.page);
  const rect = at === undefined ? array([0, 0, 0, 0].map(integer)) : rectOf(view, page, at);
  const field = draft.add(
    dict([
      ["Type", name("Annot")],
      ["Subtype", name("Widget")],
      ["FT", name("Sig")],
      ["T", string(encodeText(title))],
      ...entries,
      ["F", integer(WIDGET_FLAGS)],
      ["Rect", rect],
      ["P", page.ref],
      ...(at === undefined || stamp === undefined ? [] : lookOf(draft, page, at, stamp)),
    ]),
  );
  annotate(draft, page, field);
  return field;
}

function lookOf(
  draft: RevisionDraft,
  page: PdfPage,
  { width, height }: PageBox,
  stamp: StampContent,
): [string, PdfObject][] {
  const { turn } = sightOf(draft.view, page.dict);
  const drawn = drawStamp(draft, stamp, { width, height, matrix: uprightMatrix(turn, width, height) });
  const look: [string, PdfObject][] = [["AP", dict([["N", drawn]])]];
  // For a reader that draws the widget anew; an empty field says nothing of its look, which would not be its signer's.
  return turn === 0 ? look : [...look, ["MK", dict([["R", integer(turn)]])]];
}

function takenNames(view: PdfView, locked: ReadonlySet<string>): Set<string> {
  const taken = new Set(locked);
  for (const item of view.items(formOf(view)?.entries.get("Fields")).slice(0, MAX_FIELDS)) {
    const title = as(view.resolve(view.dict(item)?.entries.get("T")), "string");
    if (title !== undefined) taken.add(decodeText(title.bytes));
  }
  return taken;
}

// A partial name holds no full stop, which separates the parts of a full name (ISO 32000-2, 12.7.4.2).
function freeName(taken: Set<string>, wanted: string | undefined): string {
  const base = wanted?.replaceAll(".", "_") ?? "Signature";
  let title = wanted === undefined ? `${base}1` : base;
  for (let n = 1; taken.has(title); n++) title = `${base}${n}`;
  taken.add(title);
  return title;
}
