import {
  type Collecte,
  type CollecteDocument,
  isSameOrdered,
  type Ordered,
  type Stamp,
} from "../collecte/state.ts";
import type { Appearance, SignTask } from "../runtime/ports.ts";

/** What the task for one document says of stamps. */
type Shown = Pick<SignTask, "appearance" | "fields">;

/**
 * What a signature shows in a document, and the fields that it makes there for all later stamps of the plan when it is
 * the first: a visible field made later would cast doubt on the signatures before it.
 */
export function shownIn(
  collecteId: string,
  { stamps = [] }: Pick<Collecte, "stamps">,
  document: CollecteDocument,
  by: Ordered,
  look: Omit<Appearance, "at">,
): Shown {
  const here = stamps.filter((stamp) => stamp.document === document.id);
  const own = here.find((stamp) => isSameOrdered(stamp.by, by));
  const isFirst = document.revisions === 0;
  const fields = here.flatMap((stamp) =>
    isFirst && stamp !== own && "page" in stamp
      ? [{ fieldName: fieldOf(collecteId, stamp), box: placeOf(stamp) }]
      : [],
  );
  return {
    ...(own && { appearance: { ...look, at: whereOf(collecteId, own, isFirst) } }),
    ...(fields.length > 0 && { fields }),
  };
}

function whereOf(collecteId: string, stamp: Stamp, isFirst: boolean): Appearance["at"] {
  if ("field" in stamp) return { fieldName: stamp.field };
  return isFirst ? placeOf(stamp) : { fieldName: fieldOf(collecteId, stamp) };
}

function placeOf({ page, box }: Extract<Stamp, { page: number }>) {
  return { page, ...box };
}

/** No other collecte's, which may have left its own in the document; and without a full stop, which parts names. */
function fieldOf(collecteId: string, { by }: Stamp): string {
  const signer = "seal" in by ? `seal-${by.seal + 1}` : by.signatoryId;
  return `${collecteId}-${signer}`.replaceAll(".", "-");
}
