import type { Collecte } from "../actors/collecte/state.ts";
import type { Firm, Message, Right } from "../actors/runtime/ports.ts";
import { actedBy, type Judged, plansIn } from "./act.ts";
import { actOf } from "./acts.ts";
import { commandSchema, type Order } from "./command-schema.ts";
import { type LookedUp, lookUp } from "./create-collecte.ts";
import type { Door } from "./door.ts";
import type { Known } from "./idempotency.ts";
import { actMessage, createdBy, createMessage, type OrderedAct, orderedBy } from "./orders.ts";
import { Problem } from "./problem.ts";
import { readingOnce, rightOf } from "./rights.ts";
import type { FirmCaller } from "./route.ts";
import { checked } from "./validation.ts";

/** After so many faults a list is read no further: each costs more to tell than to send. */
const maxFaultsOfList = 1_000;

/** The message of each command of a list, or why there is none. Throws when the list has too many faults to be told. */
export async function messagesOf(
  door: Door,
  caller: FirmCaller,
  commands: unknown[],
  requestKey: string | undefined,
): Promise<(Message | Problem)[]> {
  const { firm } = caller;
  const orders = readOrders(firm.country, commands);
  const found = await lookUp(door, firm.id, orders.flatMap(collecteOf), orders.some(namesMember));
  const rights = await rightsFor(door, caller, orders);
  const at = door.clock.now();
  return orders.map((order, index) => {
    const judged = rights[index];
    if (order instanceof Problem) return order;
    if (judged instanceof Problem) return judged;
    return orProblem(() => {
      const known = knownBy(order, commands[index], requestKey, index);
      return messageOf(order, known, { firm, found, ...(judged ?? { by: {} }), at });
    });
  });
}

/** Each command, or what is wrong with it. */
function readOrders(country: string, commands: unknown[]): (Order | Problem)[] {
  const schema = commandSchema(country);
  let faults = 0;
  return commands.map((command, index) => {
    const order = orProblem(() => checked(schema, command));
    if (!(order instanceof Problem)) return order;
    const errors = order.errors ?? [];
    faults += errors.length;
    if (faults <= maxFaultsOfList) return order;
    const seen = errors.map((error) => ({ ...error, field: `commands/${index}/${error.field}` }));
    throw new Problem("invalid_request", { errors: seen });
  });
}

/** By what right the caller orders each, or that they have none. A collecte is read once, however often it is named. */
async function rightsFor(
  door: Door,
  caller: FirmCaller,
  orders: (Order | Problem)[],
): Promise<(Judged | Problem)[]> {
  const states = new Map<string, Promise<Collecte | undefined>>();
  const judging = readingOnce(door);
  const ask = (right: Right, type?: string) => rightOf(judging, caller, right, type);
  const read = (id: string) => {
    const state = states.get(id) ?? door.reads.collecte(caller.firm.id, id).then((view) => view?.state);
    states.set(id, state);
    return state;
  };
  return Promise.all(
    orders.map(async (order) => {
      if (order instanceof Problem) return order;
      try {
        if (order.type === "create") return { by: await ask("prepare", order.collecte.documentType) };
        const { collecteId, body } = order;
        return await actedBy(actOf(order.type), body, caller, ask, () => read(collecteId));
      } catch (error) {
        if (error instanceof Problem) return error;
        throw error;
      }
    }),
  );
}

function namesMember(order: Order | Problem): boolean {
  if (order instanceof Problem || order.type === "create") return false;
  return actOf(order.type).namesMember?.(order.body) === true;
}

function collecteOf(order: Order | Problem) {
  if (order instanceof Problem) return [];
  return order.type === "create" ? [order.collecte] : plansIn(actOf(order.type), order.body);
}

function orProblem<T>(make: () => T): T | Problem {
  try {
    return make();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}

/**
 * With a key of its own, or with none at all, a command is known as on the route that is made for it; else by the
 * request's key and its place in the list.
 */
function knownBy(order: Order, raw: unknown, requestKey: string | undefined, index: number): Known {
  if (order.key === undefined && requestKey !== undefined) {
    return { key: [requestKey, String(index)], address: "POST /v1/commands", body: raw };
  }
  const key = order.key === undefined ? undefined : ([order.key] as const);
  // As it was sent: checking fills in what a request leaves out.
  const sent = raw as { collecte: unknown; body: unknown };
  if (order.type === "create") return { key, ...createdBy(sent.collecte) };
  return { key, ...orderedBy(orderedAct(order), sent.body) };
}

function orderedAct(order: Exclude<Order, { type: "create" }>): OrderedAct {
  const { type, collecteId, signatoryId, personId, ifVersion } = order;
  return { act: actOf(type), collecteId, aboutId: signatoryId ?? personId ?? "", ifVersion };
}

function messageOf(
  order: Order,
  known: Known,
  { firm, found, at, by, ...judged }: { firm: Firm; found: LookedUp; at: number } & Judged,
): Message {
  const { id: firmId, settings } = firm;
  if (order.type === "create")
    return createMessage({ firmId, settings, by, at }, known, order.collecte, found);
  const ordered = orderedAct(order);
  const { aboutId } = ordered;
  const asked = { aboutId, body: order.body, by, ...judged, at, found, firmId, settings };
  return actMessage(firmId, known, ordered, asked);
}
