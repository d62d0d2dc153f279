import { type Collecte, nothing } from "../../src/actors/collecte/state.ts";
import type { Session } from "../../src/actors/parapheur/state.ts";
import type { ActorRow, AwaitedLine, AwaitedPage, Parapheurs } from "../../src/actors/runtime/ports.ts";
import type { MemoryTables } from "./memory-journal.ts";

/** What parapheurs read, over tables in memory. Answers are copies. */
export function parapheursOf({ actors, awaited }: MemoryTables): Parapheurs {
  const owned = (firmId: string, id: string, kind: string): ActorRow[] => {
    const row = actors.get(id);
    return row?.firmId === firmId && row.kind === kind ? [structuredClone(row)] : [];
  };

  function lines(firmId: string, memberId: string, { now, among }: Pick<AwaitedPage, "now" | "among">) {
    return awaited
      .values()
      .filter((one) => one.firmId === firmId && one.memberId === memberId && one.dueAt > now)
      .filter(({ act, documentType }) => {
        const types = among[act];
        return types === "all" || (documentType !== undefined && types.includes(documentType));
      })
      .map(({ actorId: collecteId, firmId: _, ...one }): AwaitedLine => ({ ...one, collecteId }))
      .sort(inOrder);
  }

  return {
    async awaited(firmId, memberId, { limit, after, ...of }) {
      const rest = lines(firmId, memberId, of).filter((one) => !after || inOrder(one, after) > 0);
      return structuredClone(rest.slice(0, limit));
    },
    async counts(firmId, memberId, of) {
      const all = lines(firmId, memberId, of);
      const sign = all.filter(({ act }) => act === "sign").length;
      return { sign, seal: all.length - sign };
    },
    async collectes(firmId, ids) {
      const rows = ids.flatMap((id) => owned(firmId, id, "collecte"));
      return new Map(
        rows.map(({ id, version, state, createdAt, updatedAt }) => [
          id,
          { id, version, state: state as Collecte, createdAt, updatedAt },
        ]),
      );
    },
    async courses(firmId, ids) {
      const rows = ids.flatMap((id) => owned(firmId, id, "collecte"));
      return new Map(
        rows.map(({ id, state }) => [id, { ...(state as Collecte), personal: nothing.personal }]),
      );
    },
    async session(firmId, id) {
      const [row] = owned(firmId, id, "parapheur");
      return row && { id, version: row.version, state: row.state as Session };
    },
  };
}

function inOrder(one: NonNullable<AwaitedPage["after"]>, other: NonNullable<AwaitedPage["after"]>): number {
  const keys = (line: typeof one) => [line.collecteId, line.act, line.key].join(" ");
  return one.dueAt - other.dueAt || (keys(one) < keys(other) ? -1 : Number(keys(one) > keys(other)));
}
