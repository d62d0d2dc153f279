import { inherited } from "../inherited.ts";
import type { PdfPage } from "../pages.ts";
import { PdfRefused } from "../refused.ts";
import { array, as, type PdfArray, type PdfDict, type PdfObject, real } from "../syntax/objects.ts";
import type { PdfView } from "../view.ts";

/** A rectangle in points from the lower left corner of a page as a reader shows it. */
export interface Box {
  readonly left: number;
  readonly bottom: number;
  readonly width: number;
  readonly height: number;
}

/** How far a page, or what a widget shows, is turned clockwise (ISO 32000-2, table 31). */
export type Turn = 0 | 90 | 180 | 270;

/** How a reader shows a page: the corners of its visible part in user space, its turn, and the points of one unit. */
export interface PageSight {
  readonly corners: Corners;
  readonly turn: Turn;
  readonly unit: number;
}

interface Corners {
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
  readonly top: number;
}

// US Letter, which readers take for a page without a size.
const NO_MEDIA_BOX: Corners = { left: 0, bottom: 0, right: 612, top: 792 };
// Boxes are computed by callers: rounding must not make one fall off the page.
const TOLERANCE = 0.5;
const SMALLEST = 4;
const LARGEST = 14_400;

/** What of a page a reader shows: its crop box where it lies within its media box (ISO 32000-2, 14.11.2.1). */
export function sightOf(view: PdfView, page: PdfDict): PageSight {
  const media = cornersOf(view, inherited(view, page, "MediaBox")) ?? NO_MEDIA_BOX;
  const crop = cornersOf(view, inherited(view, page, "CropBox")) ?? media;
  const corners = {
    left: Math.max(media.left, crop.left),
    bottom: Math.max(media.bottom, crop.bottom),
    right: Math.min(media.right, crop.right),
    top: Math.min(media.top, crop.top),
  };
  const isEmpty = corners.left >= corners.right || corners.bottom >= corners.top;
  const unit = as(view.resolve(page.entries.get("UserUnit")), "number")?.value ?? 1;
  return {
    corners: isEmpty ? media : corners,
    turn: turnOf(inherited(view, page, "Rotate")),
    unit: unit > 0 ? unit : 1,
  };
}

/** A turn as /Rotate and /R give it: any multiple of 90, negative ones too. */
export function turnOf(value: PdfObject): Turn {
  const degrees = as(value, "number")?.value ?? 0;
  const turn = ((degrees % 360) + 360) % 360;
  return turn === 90 || turn === 180 || turn === 270 ? turn : 0;
}

/** The widget's /Rect for a box that a reader sees; throws `PdfRefused` (`box_outside_page`). */
export function rectOf(view: PdfView, page: PdfPage, box: Box): PdfArray {
  const { corners, turn, unit } = sightOf(view, page.dict);
  const { left, bottom, right, top } = corners;
  const wide = (right - left) * unit;
  const high = (top - bottom) * unit;
  const isSideways = turn === 90 || turn === 270;
  refuseOutside(box, isSideways ? high : wide, isSideways ? wide : high);
  const near = { x: box.left / unit, y: box.bottom / unit };
  const far = { x: (box.left + box.width) / unit, y: (box.bottom + box.height) / unit };
  switch (turn) {
    case 0:
      return rectangle(left + near.x, bottom + near.y, left + far.x, bottom + far.y);
    case 90:
      return rectangle(right - far.y, bottom + near.x, right - near.y, bottom + far.x);
    case 180:
      return rectangle(right - far.x, top - far.y, right - near.x, top - near.y);
    case 270:
      return rectangle(left + near.y, top - far.x, left + far.y, top - near.x);
  }
}

/** The size in points of what a widget of that /Rect shows a reader, or undefined when it takes up no room. */
export function sizeOf(
  view: PdfView,
  rect: PdfObject,
  turn: Turn,
  unit: number,
): { width: number; height: number } | undefined {
  const corners = cornersOf(view, rect);
  if (corners === undefined) return undefined;
  const wide = (corners.right - corners.left) * unit;
  const high = (corners.top - corners.bottom) * unit;
  if (!(wide > 0 && high > 0 && wide <= LARGEST && high <= LARGEST)) return undefined;
  return turn === 90 || turn === 270 ? { width: high, height: wide } : { width: wide, height: high };
}

/** The form matrix that turns a drawing of this size upright for a reader (ISO 32000-2, 12.5.5). */
export function uprightMatrix(turn: Turn, width: number, height: number): PdfArray {
  switch (turn) {
    case 0:
      return array([1, 0, 0, 1, 0, 0].map(real));
    case 90:
      return array([0, 1, -1, 0, height, 0].map(real));
    case 180:
      return array([-1, 0, 0, -1, width, height].map(real));
    case 270:
      return array([0, -1, 1, 0, 0, width].map(real));
  }
}

function refuseOutside(box: Box, width: number, height: number): void {
  const isSize = (value: number) => value >= SMALLEST && value <= LARGEST;
  const isInside = (from: number, size: number, whole: number) =>
    from >= -TOLERANCE && from + size <= whole + TOLERANCE;
  if (!isSize(box.width) || !isSize(box.height))
    throw new PdfRefused("box_outside_page", "a box of an absurd size");
  if (!isInside(box.left, box.width, width) || !isInside(box.bottom, box.height, height))
    throw new PdfRefused(
      "box_outside_page",
      `the page shows ${Math.round(width)} × ${Math.round(height)} points`,
    );
}

function rectangle(...corners: [number, number, number, number]): PdfArray {
  return array(corners.map(real));
}

// Any two opposite corners make a rectangle (ISO 32000-2, 7.9.5).
function cornersOf(view: PdfView, value: PdfObject): Corners | undefined {
  const numbers = view.items(value).map((item) => as(view.resolve(item), "number")?.value);
  const [a, b, c, d] = numbers;
  if (a === undefined || b === undefined || c === undefined || d === undefined) return undefined;
  if (numbers.length !== 4 || !numbers.every(Number.isFinite)) return undefined;
  return { left: Math.min(a, c), bottom: Math.min(b, d), right: Math.max(a, c), top: Math.max(b, d) };
}
