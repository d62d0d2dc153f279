interface Waiter<T> {
  wanted: (item: T) => boolean;
  give(item: T): void;
  fail(error: Error): void;
}

/** What arrived and was not asked for yet, by address. Whatever `next` hands out is forgotten, so nothing piles up. */
export interface Inbox<T> {
  put(address: string, item: T): void;
  /** The oldest item of the address that satisfies `wanted`, now or within `timeoutMs`; each is handed out once. */
  next(address: string, wanted: (item: T) => boolean, timeoutMs: number): Promise<T>;
  /** How many items wait to be asked for. */
  waiting(): number;
  /** Fails whoever still waits. */
  close(): void;
}

/** An empty inbox; `what` names its items in errors. */
export function createInbox<T>(what: string): Inbox<T> {
  const items = new Map<string, T[]>();
  const waiters = new Map<string, Set<Waiter<T>>>();

  return {
    put(address, item) {
      const waiter = [...(waiters.get(address) ?? [])].find(({ wanted }) => wanted(item));
      const list = items.get(address);
      if (waiter) waiter.give(item);
      else if (list) list.push(item);
      else items.set(address, [item]);
    },
    next(address, wanted, timeoutMs) {
      const here = take(address, wanted);
      return here === undefined ? wait(address, wanted, timeoutMs) : Promise.resolve(here);
    },
    waiting: () => [...items.values()].reduce((sum, list) => sum + list.length, 0),
    close() {
      for (const list of waiters.values())
        for (const waiter of list) waiter.fail(new Error("the sink is closed"));
    },
  };

  function take(address: string, wanted: (item: T) => boolean): T | undefined {
    const list = items.get(address) ?? [];
    const place = list.findIndex(wanted);
    if (place < 0) return undefined;
    const [item] = list.splice(place, 1);
    if (list.length === 0) items.delete(address);
    return item;
  }

  function wait(address: string, wanted: (item: T) => boolean, timeoutMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const list = waiters.get(address) ?? new Set();
      waiters.set(address, list);
      const leave = () => {
        clearTimeout(timer);
        list.delete(waiter);
        if (list.size === 0 && waiters.get(address) === list) waiters.delete(address);
      };
      const waiter: Waiter<T> = {
        wanted,
        give(item) {
          leave();
          resolve(item);
        },
        fail(error) {
          leave();
          reject(error);
        },
      };
      const timer = setTimeout(() => waiter.fail(new Error(`no ${what} came in ${timeoutMs} ms`)), timeoutMs);
      list.add(waiter);
    });
  }
}
