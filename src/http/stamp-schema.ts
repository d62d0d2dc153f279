import { z } from "zod";
import { strict } from "./validation.ts";
import { id, line } from "./words.ts";

const maxStamps = 50;
/** The longest side of a page (ISO 32000-2, annex C.2). */
const points = z.number().min(0).max(14_400);
/** Below this nothing could be read. */
const size = z.number().min(4).max(14_400);

/** In points from the lower left corner of the page, as a reader shows it. */
const box = strict({ left: points, bottom: points, width: size, height: size });

const stamp = z.union([
  strict({ document: id.optional(), page: z.number().int().min(1).max(100_000), box }),
  strict({ document: id.optional(), field: line(200) }),
]);

/** Where a signature shows: one stamp, or one for each of several documents. */
export const stamps = z
  .union([stamp, z.array(stamp).min(1).max(maxStamps)])
  .transform((given) => (Array.isArray(given) ? given : [given]));

/** A stamp as it was asked for. */
export type AskedStamp = z.output<typeof stamp>;
