/**
 * Those who ask for the same in one turn of the event loop share one look at it. It begins when all of them have asked, so
 * nobody is told what was so before: unlike an answer from memory, it is as true as one of their own.
 */
export function inOneLook<T>(find: (id: string) => Promise<T>): (id: string) => Promise<T> {
  const waiting = new Map<string, Promise<T>>();

  async function look(id: string): Promise<T> {
    await new Promise(setImmediate);
    waiting.delete(id);
    return find(id);
  }

  return (id) => {
    const asked = waiting.get(id) ?? look(id);
    waiting.set(id, asked);
    return asked;
  };
}

/** As `inOneLook`, of several at once: those who ask for others in the same turn share the look too. */
export function allInOneLook<T>(
  findAll: (ids: string[]) => Promise<ReadonlyMap<string, T>>,
  most: number,
): (id: string) => Promise<T | undefined> {
  let asked: { ids: Set<string>; found: Promise<ReadonlyMap<string, T>> } | undefined;

  async function look(ids: Set<string>): Promise<ReadonlyMap<string, T>> {
    await new Promise(setImmediate);
    if (asked?.ids === ids) asked = undefined;
    return findAll([...ids]);
  }

  return async (id) => {
    if (asked === undefined || (asked.ids.size >= most && !asked.ids.has(id))) {
      const ids = new Set<string>();
      asked = { ids, found: look(ids) };
    }
    asked.ids.add(id);
    return (await asked.found).get(id);
  };
}

/** As many places as a statement has for ids, the last of them again in those that are left. */
export const padded = (ids: readonly string[], places: number): string[] =>
  Array.from({ length: places }, (_, i) => ids[Math.min(i, ids.length - 1)] ?? "");

/** `$1, $2, …`, as many as there are ids in one look, after so many other values. */
export const places = (count: number, after = 0): string =>
  Array.from({ length: count }, (_, i) => `$${after + i + 1}`).join(", ");
