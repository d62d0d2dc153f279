import type { Draft } from "../../actors/runtime/ports.ts";
import { withSignatureTimestamp } from "../cms/signature-timestamp.ts";
import { fillContents } from "../pdf/revision.ts";

/** A draft that waits for a token. */
export type AwaitingDraft = Draft & Required<Pick<Draft, "awaited">>;

/** The tail of a draft with its token where it was awaited; throws a PlaceholderError when that is too small. */
export function withToken({ tail, awaited }: Draft, token: Uint8Array | undefined): Uint8Array {
  if (awaited === undefined) return tail;
  if (token === undefined) throw new RangeError("a draft without its token");
  const filled = Uint8Array.from(tail);
  const { cms } = awaited;
  fillContents(filled, awaited, cms === undefined ? token : withSignatureTimestamp(cms, token));
  return filled;
}
