import { longestLeaseMs } from "../../src/actors/runtime/horizons.ts";
import { type Calendar, slotsAhead } from "../../src/actors/runtime/ports.ts";

export interface StoredSweep {
  holder?: string;
  takenUntil: number;
  doneSlot?: number;
}

/** The calendar's contract over a map. */
export function calendarOf(sweeps: Map<string, StoredSweep>): Calendar {
  return {
    async take(sweep, slot, holder, now, until) {
      const { holder: other, takenUntil, doneSlot } = sweeps.get(sweep) ?? { takenUntil: 0 };
      if (doneSlot !== undefined && doneSlot >= slot && doneSlot <= slot + slotsAhead) return "done";
      const isHeld = other !== undefined && takenUntil > now && takenUntil <= now + longestLeaseMs;
      if (isHeld) return "taken";
      sweeps.set(sweep, { holder, takenUntil: until, ...(doneSlot !== undefined && { doneSlot }) });
      return "yours";
    },
    async keep(sweep, holder, until) {
      const row = sweeps.get(sweep);
      if (row?.holder !== holder) return false;
      sweeps.set(sweep, { ...row, takenUntil: until });
      return true;
    },
    async done(sweep, slot, holder) {
      if (sweeps.get(sweep)?.holder === holder) sweeps.set(sweep, { takenUntil: 0, doneSlot: slot });
    },
  };
}
