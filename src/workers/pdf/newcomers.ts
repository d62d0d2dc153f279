import { anyRefersTo } from "./references.ts";
import { as, nameOf, type PdfObject } from "./syntax/objects.ts";
import type { PdfView } from "./view.ts";
import { hasLook, takesRoom } from "./widgets.ts";

// ISO 32000-2, tables 166, 191, 226 and 234; 255; 224.
const FIELD_KEYS = keySet(
  "Type Subtype FT T TU TM V F Ff Rect P AP AS MK Lock SV Parent Kids NM M BS Border C DA Contents StructParent",
);
const SIGNATURE_KEYS = keySet(
  "Type Filter SubFilter Contents Cert ByteRange Reference Changes Name M Location Reason ContactInfo R V Prop_Build Prop_AuthTime Prop_AuthType",
);
const FORM_KEYS = keySet("Fields SigFlags DA");

/** Whether an object is of the file's own structure. */
export function isStructure(object: PdfObject): boolean {
  const type = nameOf(as(object, "stream")?.dict.entries.get("Type"));
  return type === "XRef" || type === "ObjStm";
}

/**
 * Whether a document waited for none of the objects that a revision added. A signed document may refer to an object that
 * it lacks, for a later revision to bring: shadow attacks do. What has only the keys of a signature, its field or its
 * form, and shows nothing, cannot serve as anything else; all other new objects are looked for in the whole of what was
 * signed, those of the file's own structure too: whoever refers to one need not care for its /Type.
 */
export function noneAwaited(before: PdfView, after: PdfView, added: readonly number[]): boolean {
  const suspects = new Set(added.filter((num) => !isPlain(after, after.object(num))));
  if (suspects.size === 0 || !before.mayReferTo(suspects)) return true;
  return !anyRefersTo(before, suspects, new Set());
}

function isPlain(view: PdfView, object: PdfObject): boolean {
  const dict = as(object, "dict");
  if (dict === undefined) return false;
  const keys = [...dict.entries.keys()];
  if (![FIELD_KEYS, SIGNATURE_KEYS, FORM_KEYS].some((known) => keys.every((key) => known.has(key))))
    return false;
  return !hasLook(view, dict) && !takesRoom(view, dict);
}

function keySet(keys: string): ReadonlySet<string> {
  return new Set(keys.split(" "));
}
