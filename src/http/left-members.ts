import type { CollecteView } from "../actors/runtime/ports.ts";
import type { Door } from "./door.ts";

/**
 * Whether somebody who is to sign is a member who has left: neither a link that they still have nor a session of before
 * shows them what is their former firm's.
 */
export async function hasLeft(
  { directory }: Pick<Door, "directory">,
  firmId: string,
  { state }: CollecteView,
  personId: string,
): Promise<boolean> {
  const memberId = state.signatories[personId]?.memberId;
  if (memberId === undefined) return false;
  return (await directory.member(firmId, memberId))?.leftAt !== undefined;
}
