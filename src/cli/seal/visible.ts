import type { Appearance } from "../../actors/runtime/ports.ts";
import { CliFault } from "../fault.ts";

const sides = ["page", "left", "bottom", "width", "height"] as const;
type Side = (typeof sides)[number];

/** Where a seal is shown: `page=1,left=60,bottom=80,width=180,height=60`, or `field=NAME`, an empty field. */
export function placeOf(text: string): Appearance["at"] {
  const field = /^field=(.+)$/s.exec(text)?.[1];
  if (field !== undefined) return { fieldName: field };
  const parts = text.split(",").map((part) => part.split("="));
  const given = new Map(parts.map(([side = "", value = ""]) => [side.trim(), numberOf(value)]));
  const [page, left, bottom, width, height] = sides.map((side: Side) => given.get(side) ?? Number.NaN);
  const isBox = parts.length === sides.length && sides.every((side) => Number.isFinite(given.get(side)));
  if (!isBox || !page || !width || !height || left === undefined || bottom === undefined)
    throw new CliFault("--visible: page=1,left=60,bottom=80,width=180,height=60 in points, or field=NAME");
  if (!Number.isInteger(page)) throw new CliFault("--visible: pages are counted from 1");
  return { page, left, bottom, width, height };
}

const numberOf = (text: string): number => (/^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : Number.NaN);
