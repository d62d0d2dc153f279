import { setTimeout as sleep } from "node:timers/promises";
import type { Reads, Receipt } from "../actors/runtime/ports.ts";

/** How many requests may wait for an outcome at once. */
const seats = 3_000;
const shortestPauseMs = 10;
const longestPauseMs = 200;

/** How long a request waits, and what ends that before. */
export interface Patience {
  waitMs: number;
  /** Nobody is there any more to be answered. */
  isGone(): boolean;
}

/** Where requests wait for what another process decides. */
export interface WaitingRoom {
  /**
   * Looks again and again, after pauses that grow, until `look` says that all is known or the patience ends. False when
   * the room is full: then nothing was waited for.
   */
  wait(patience: Patience, look: () => Promise<boolean>): Promise<boolean>;
}

export function createWaitingRoom(isClosing: () => boolean, places = seats): WaitingRoom {
  let taken = 0;
  return {
    async wait({ waitMs, isGone }, look) {
      if (waitMs <= 0) return true;
      if (taken >= places) return false;
      taken += 1;
      try {
        const end = performance.now() + waitMs;
        for (let pauseMs = shortestPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
          const leftMs = end - performance.now();
          if (leftMs <= 0 || isGone() || isClosing()) return true;
          await sleep(Math.min(pauseMs, leftMs));
          if (isGone() || (await look())) return true;
        }
      } finally {
        taken -= 1;
      }
    },
  };
}

type ReadReceipts = Reads["receipts"];

/** Receipts that are asked for while a firm's are being read share the next read: thousands wait at once. */
export function gathered(read: ReadReceipts): ReadReceipts {
  const next = new Map<string, { ids: Set<string>; answer: Promise<Map<string, Receipt>> }>();
  const last = new Map<string, Promise<unknown>>();

  function begin(firmId: string) {
    const ids = new Set<string>();
    const answer = (last.get(firmId) ?? Promise.resolve()).then(() => {
      next.delete(firmId);
      return read(firmId, [...ids]);
    });
    const group = { ids, answer };
    next.set(firmId, group);
    const ended = answer.then(forget, forget);
    last.set(firmId, ended);
    function forget(): void {
      if (last.get(firmId) === ended) last.delete(firmId);
    }
    return group;
  }

  return (firmId, messageIds) => {
    const group = next.get(firmId) ?? begin(firmId);
    for (const id of messageIds) group.ids.add(id);
    return group.answer;
  };
}
