import type { Decider } from "../../src/actors/runtime/ports.ts";

/** The work of the bench as an actor: a total that each command adds to. The other contestants do it in two tables. */
export interface Ledger {
  status: "open";
  entries: number;
  total: number;
}

export interface Enter {
  type: "Enter";
  amount: number;
  at: number;
}

export interface Entered {
  type: "Entered";
  amount: number;
}

export const ledgerLaw: Decider<Ledger, Enter, Entered> = {
  kind: "ledger",
  nothing: { status: "open", entries: 0, total: 0 },
  decide: (_state, { amount }) =>
    Number.isInteger(amount)
      ? { happened: [{ type: "Entered", amount }] }
      : { happened: [], refused: "validation" },
  evolve: (state, { amount }) => ({
    ...state,
    entries: state.entries + 1,
    total: state.total + amount,
  }),
  effectsOf: () => [],
  timersOf: () => [],
  onTimer: (_name, at) => ({ type: "Enter", amount: 0, at }),
};
