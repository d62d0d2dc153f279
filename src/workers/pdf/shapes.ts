import { as, countOf, nameOf, type PdfDict, type PdfObject } from "./syntax/objects.ts";
import type { PdfView } from "./view.ts";

/*
 * Nothing keeps a document from using one object twice: its catalog as the resources of a page, a list of annotations as
 * the page's contents. What a later revision may write in one part would show in the other. So whatever it may write is
 * held to a shape that can be painted nowhere: no streams where dictionaries belong, no dictionaries where texts do.
 */

type Shape = (view: PdfView, value: PdfObject) => boolean;
type Shapes = ReadonlyMap<string, Shape>;

const isName: Shape = (_, value) => nameOf(value) !== undefined;
const isText: Shape = (_, value) => as(value, "string") !== undefined;
const isCount: Shape = (_, value) => countOf(value) !== undefined;
const isList: Shape = (_, value) => as(value, "array") !== undefined;
const dictOf =
  (allows: (key: string) => boolean, shape: Shape = () => true): Shape =>
  (view, value) => {
    const entries = as(value, "dict")?.entries;
    return entries !== undefined && [...entries].every(([key, one]) => allows(key) && shape(view, one));
  };
const among = (keys: string) => {
  const known = new Set(keys.split(" "));
  return (key: string) => known.has(key);
};

const isExtension = dictOf(among("Type BaseVersion ExtensionLevel ExtensionRevision URL"));
const isExtensions = dictOf(
  () => true,
  (view, value) => {
    const said = view.resolve(value);
    return (
      isName(view, said) ||
      (as(said, "array")?.items ?? [said]).every((one) => isExtension(view, view.resolve(one)))
    );
  },
);
const isResources = dictOf(
  among("Font XObject ExtGState ColorSpace Pattern Shading Properties ProcSet Encoding"),
);
const isStream = (view: PdfView, value: PdfObject) => as(view.resolve(value), "stream") !== undefined;
/** ISO 32000-2, table 170: streams, or streams by the names of states. */
const isAppearance = dictOf(
  among("N R D"),
  (view, look) => isStream(view, look) || dictOf(() => true, isStream)(view, view.resolve(look)),
);
const isOfSignature = among(
  "Type Filter SubFilter Contents Cert ByteRange Reference Changes Name M Location Reason ContactInfo R V",
);
/** The keys of table 255, and those that others may add under a name of their own (ISO 32000-2, annex E). */
const isSignature = dictOf((key) => isOfSignature(key) || /^(Prop|[A-Z]{4})_/.test(key));
const isValue: Shape = (view, value) =>
  isText(view, value) ||
  isName(view, value) ||
  (as(value, "array")?.items.every((one) => isText(view, view.resolve(one))) ?? false);

const ofCatalog: Shapes = new Map([
  ["AcroForm", dictOf(() => true)],
  ["DSS", dictOf(among("Type Certs OCSPs CRLs VRI"))],
  ["Extensions", isExtensions],
  ["Version", isName],
]);
const ofForm: Shapes = new Map([
  ["Fields", isList],
  ["SigFlags", isCount],
  ["DA", isText],
  ["DR", isResources],
]);
const ofSigning: Shapes = new Map([
  ["V", isSignature],
  ["AP", isAppearance],
  ["M", isText],
  ["F", isCount],
]);
const ofFilling: Shapes = new Map([
  ["V", isValue],
  ["AP", isAppearance],
  ["AS", isName],
  ["M", isText],
  ["I", isList],
]);
// A widget with these could be a page as well.
const ofNewWidget: Shapes = new Map([
  ["V", isSignature],
  ["Contents", isText],
  ["Type", isName],
  ["Resources", () => false],
]);

const isShaped =
  (shapes: Shapes) =>
  (view: PdfView, { entries }: PdfDict): boolean =>
    [...shapes].every(([key, shape]) => {
      const value = view.resolve(entries.get(key));
      return value === null || shape(view, value);
    });

/** Whether what a revision may say in the catalog has its shape. */
export const isCatalogShaped = isShaped(ofCatalog);
/** Whether what a revision may say in the form has its shape. */
export const isFormShaped = isShaped(ofForm);
/** Whether what signing writes in a field that was there has its shape. */
export const isSigningShaped = isShaped(ofSigning);
/** Whether what filling writes in a field has its shape. */
export const isFillingShaped = isShaped(ofFilling);
/** Whether a new signature field, or a widget of one, is that and no page. */
export const isWidgetShaped = isShaped(ofNewWidget);
