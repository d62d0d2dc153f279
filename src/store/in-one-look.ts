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
