import type { Appearance } from "../../actors/runtime/ports.ts";
import { CliFault } from "../fault.ts";

/** Where a seal is shown: `page,left,bottom,width,height` in points, or the name of an empty field. */
export function placeOf(text: string): Appearance["at"] {
  if (!/^[\d.,\s]+$/.test(text)) return { fieldName: text };
  const [page = 0, left = 0, bottom = 0, width = 0, height = 0, ...more] = text.split(",").map(Number);
  const isBox = Number.isInteger(page) && page >= 1 && width > 0 && height > 0 && more.length === 0;
  if (!isBox)
    throw new CliFault("--visible: page,left,bottom,width,height in points, or the name of a field");
  return { page, left, bottom, width, height };
}
