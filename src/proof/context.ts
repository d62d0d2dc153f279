import type { Directory, StoredRecord } from "../actors/runtime/ports.ts";
import type { RecordContext } from "./record.ts";

/** What a record's rows name by their ids: the firm, and those of its members whom its events speak of. */
export async function contextOf(
  { firmId, events }: Pick<StoredRecord, "firmId" | "events">,
  directory: Pick<Directory, "firm" | "member">,
): Promise<Pick<RecordContext, "firm" | "members">> {
  const ids = new Set(events.flatMap(({ data }) => memberIdsIn(JSON.parse(data))));
  const found = await Promise.all([...ids].map((id) => directory.member(firmId, id)));
  const named = found.flatMap((member) => {
    if (member === undefined) return [];
    return [[member.id, `${member.firstName} ${member.lastName}`] as const];
  });
  const firm = await directory.firm(firmId);
  return { firm: { name: firm?.name ?? firmId }, members: Object.fromEntries(named) };
}

/** Wherever an event has a `memberId`, or `members` by signatory. */
function memberIdsIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    if (name === "memberId" && typeof inner === "string") return [inner];
    if (name === "members" && typeof inner === "object" && inner !== null)
      return Object.values(inner).filter((one) => typeof one === "string");
    return memberIdsIn(inner);
  });
}
