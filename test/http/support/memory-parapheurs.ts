import { awaitedOf } from "../../../src/actors/collecte/awaited.ts";
import type { AwaitedLine, Parapheurs, ParapheurView } from "../../../src/actors/runtime/ports.ts";
import type { MemoryEngine } from "./memory-engine.ts";

/** What waits in the collectes of a memory engine; it knows one law only, so sessions are those that are given. */
export function memoryParapheurs(
  engine: MemoryEngine,
  sessions: ReadonlyMap<string, ParapheurView>,
): Parapheurs {
  const waiting = (firmId: string, memberId: string, now: number): AwaitedLine[] =>
    [...engine.actors].flatMap(([collecteId, actor]) =>
      actor.firmId !== firmId
        ? []
        : awaitedOf(actor.state)
            .filter((one) => one.memberId === memberId && one.dueAt > now)
            .map((one) => ({ ...one, collecteId, since: actor.updatedAt })),
    );
  const owned = (firmId: string, ids: string[]) =>
    ids.flatMap((id) => {
      const actor = engine.actors.get(id);
      return actor?.firmId === firmId ? [{ id, actor }] : [];
    });
  return {
    awaited: async (firmId, memberId, { now, limit }) => waiting(firmId, memberId, now).slice(0, limit),
    async counts(firmId, memberId, { now }) {
      const acts = waiting(firmId, memberId, now).map(({ act }) => act);
      const count = (act: "sign" | "seal") => acts.filter((one) => one === act).length;
      return { sign: count("sign"), seal: count("seal") };
    },
    collectes: async (firmId, ids) =>
      new Map(
        owned(firmId, ids).map(({ id, actor: { version, state, updatedAt } }) => [
          id,
          { id, version, state, createdAt: updatedAt, updatedAt },
        ]),
      ),
    courses: async (firmId, ids) => new Map(owned(firmId, ids).map(({ id, actor }) => [id, actor.state])),
    async session(firmId, id) {
      const view = sessions.get(id);
      return view?.state.firmId === firmId ? view : undefined;
    },
  };
}
