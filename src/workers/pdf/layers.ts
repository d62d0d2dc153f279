import { PdfRefused } from "./refused.ts";
import { as, nameOf, type PdfDict, type PdfObject } from "./syntax/objects.ts";
import type { PdfView } from "./view.ts";

const MAX_EXPRESSION_DEPTH = 99;
const MAX_EXPRESSION_PARTS = 10_000;
/** What an event is about, and the usage entries by which it switches layers (ISO 32000-2, tables 100 and 101). */
const STATES: Readonly<Record<string, string>> = {
  View: "ViewState",
  Print: "PrintState",
  Export: "ExportState",
};

/**
 * Refuses (`pdf_hidden_layers`) a document with a layer that is hidden when it is opened, or that appears or vanishes
 * when it is printed, exported or zoomed (ISO 32000-2, 8.11.4): what a signatory saw must be all there is. Layers that
 * are simply all on are accepted.
 */
export function refuseHiddenLayers(view: PdfView, catalog: PdfDict): void {
  const properties = view.dict(catalog.entries.get("OCProperties"));
  if (properties === undefined) return;
  const groups = numbersOf(view, properties.entries.get("OCGs"));
  const config = view.dict(properties.entries.get("D"));
  if (config === undefined || groups.size === 0) return;
  const on = numbersOf(view, config.entries.get("ON"));
  const base = nameOf(view.resolve(config.entries.get("BaseState")));
  if (base === "OFF" && [...groups].some((num) => !on.has(num))) hidden("layers that are off unless named");
  for (const num of numbersOf(view, config.entries.get("OFF"))) {
    if (groups.has(num)) hidden("a layer that is off");
  }
  for (const item of view.items(config.entries.get("AS"))) refuseSwitching(view, view.dict(item));
}

function refuseSwitching(view: PdfView, application: PdfDict | undefined): void {
  const categories = view
    .items(application?.entries.get("Category"))
    .map((item) => nameOf(view.resolve(item)) ?? "");
  for (const item of view.items(application?.entries.get("OCGs"))) {
    const usage = view.dict(view.dict(item)?.entries.get("Usage"));
    for (const category of categories) {
      const said = view.dict(usage?.entries.get(category));
      if (said === undefined) continue;
      const key = STATES[category];
      // Zoom, Language and User make the layer depend on who looks at it, and how.
      if (key === undefined) hidden("a layer that depends on its reader");
      if (nameOf(view.resolve(said.entries.get(key))) === "OFF")
        hidden(`a layer that is off for ${category}`);
    }
  }
}

/** Refuses content that is seen only when a layer is off (8.11.2.2), which none is when the document is opened. */
export function refuseHiddenMembership(view: PdfView, dict: PdfDict): void {
  if (nameOf(dict.entries.get("Type")) !== "OCMD") return;
  const expression = view.resolve(dict.entries.get("VE"));
  if (as(expression, "array") !== undefined) {
    if (!isVisible(view, expression, 0, { left: MAX_EXPRESSION_PARTS }))
      hidden("content behind an expression");
    return;
  }
  const policy = nameOf(view.resolve(dict.entries.get("P")));
  const isOffWanted = policy === "AllOff" || policy === "AnyOff";
  if (isOffWanted && view.resolve(dict.entries.get("OCGs")) !== null) hidden("content behind a layer");
}

/** A visibility expression with every layer on. */
function isVisible(view: PdfView, expression: PdfObject, depth: number, parts: { left: number }): boolean {
  if (depth > MAX_EXPRESSION_DEPTH || parts.left-- <= 0)
    throw new PdfRefused("pdf_too_deep", "a visibility expression without end");
  const items = as(view.resolve(expression), "array")?.items;
  if (items === undefined) return true;
  const [operator, ...operands] = items;
  const values = operands.map((operand) => isVisible(view, operand, depth + 1, parts));
  switch (nameOf(view.resolve(operator))) {
    case "Not":
      return values[0] !== true;
    case "Or":
      return values.length === 0 || values.includes(true);
    default:
      return !values.includes(false);
  }
}

function numbersOf(view: PdfView, list: PdfObject | undefined): Set<number> {
  return new Set(view.items(list).flatMap((item) => as(item, "ref")?.num ?? []));
}

function hidden(detail: string): never {
  throw new PdfRefused("pdf_hidden_layers", detail);
}
