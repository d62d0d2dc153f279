import type { Request, Response } from "express";
import { KeyReused } from "../actors/runtime/errors.ts";
import type { Log, Message, Outcome } from "../actors/runtime/ports.ts";
import { commandList, commandSchema, type Order } from "./command-schema.ts";
import { type LookedUp, lookUp } from "./create-collecte.ts";
import { type Delivery, patienceOf, tellApplied } from "./delivery.ts";
import type { Door } from "./door.ts";
import { explained, refusalProblem } from "./failures.ts";
import { idempotencyKey, type Known, keyForm } from "./idempotency.ts";
import { createdBy, createMessage, launchedBy, launchMessage } from "./orders.ts";
import { preferencesOf } from "./preferences.ts";
import { Problem, problemBody } from "./problem.ts";
import type { FirmCaller } from "./route.ts";
import { checked } from "./validation.ts";

/** After so many faults a list is read no further: each costs more to tell than to send. */
const maxFaultsOfList = 1_000;

/**
 * Delivers a list of commands together, and answers what became of each. Only when the engine could take none of them
 * does the whole request fail.
 */
export async function deliverList(
  { door, delivery }: { door: Door; delivery: Delivery },
  request: Request,
  response: Response,
  { firm }: FirmCaller,
): Promise<void> {
  const requestKey = idempotencyKey(request);
  const { commands } = checked(commandList, request.body);
  const orders = readOrders(firm.country, commands);
  const found = await lookUp(door, firm.id, orders.flatMap(collecteOf));
  const at = door.clock.now();
  const made = orders.map((order, index) =>
    order instanceof Problem
      ? order
      : orProblem(() => {
          const known = knownBy(order, commands[index], requestKey, index);
          return messageOf(order, known, { firmId: firm.id, found, at });
        }),
  );
  const messages = made.flatMap((one) => (one instanceof Problem ? [] : [one]));
  const preferences = preferencesOf(request);
  const { answers, isPatient } = await delivery.deliver(messages, patienceOf(preferences, response));
  if (answers.length > 0 && answers.every(isFailure)) throw answers[0];
  const answerTo = new Map(messages.map((message, i) => [message, answers[i]]));
  const problemOf = explainer(door.log, request);
  const results = made.map((one, index): Result => {
    const key = keyOf(commands[index]);
    if (one instanceof Problem) return { index, key, status: "refused", problem: problemBody(one) };
    return resultOf(index, key, one, answerTo.get(one), problemOf);
  });
  tellApplied(response, preferences, isPatient);
  response.json({ results });
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

function collecteOf(order: Order | Problem) {
  return !(order instanceof Problem) && order.type === "create" ? [order.collecte] : [];
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
  switch (order.type) {
    case "create":
      // As it was sent: checking fills in what a request leaves out.
      return { key, ...createdBy((raw as { collecte: unknown }).collecte) };
    case "launch":
      return { key, ...launchedBy(order.collecteId) };
  }
}

function messageOf(
  order: Order,
  known: Known,
  { firmId, found, at }: { firmId: string; found: LookedUp; at: number },
): Message {
  switch (order.type) {
    case "create":
      return createMessage(firmId, known, order.collecte, found, at);
    case "launch":
      return launchMessage(firmId, known, order.collecteId, at);
  }
}

/** The message was not taken; that its key was used before is an answer. */
function isFailure(answer: Outcome | Error): boolean {
  return answer instanceof Error && !(answer instanceof KeyReused);
}

/** One fault of the store fails a whole group: it is logged once. */
function explainer(log: Log, request: Request): (error: unknown) => Problem {
  const known = new Map<unknown, Problem>();
  return (error) => {
    const problem = known.get(error) ?? explained(log, error, request);
    known.set(error, problem);
    return problem;
  };
}

/** One entry of the answer; JSON leaves out what is undefined. */
interface Result {
  index: number;
  key: string | undefined;
  commandId?: string;
  /** `failed`: nobody can say that it was taken, nor that it was not; with its key it may be sent again. */
  status: Outcome["status"] | "failed";
  collecteId?: string;
  version?: number;
  problem?: ReturnType<typeof problemBody>;
}

function resultOf(
  index: number,
  key: string | undefined,
  { id: commandId, actorId: collecteId }: Message,
  answer: Outcome | Error | undefined,
  problemOf: (error: unknown) => Problem,
): Result {
  if (answer === undefined || answer instanceof Error) {
    const problem = problemBody(problemOf(answer));
    const status = answer instanceof KeyReused ? "refused" : "failed";
    return { index, key, commandId, status, collecteId, problem };
  }
  const { status } = answer;
  switch (status) {
    case "done":
      return { index, key, commandId, status, collecteId, version: answer.version };
    case "refused": {
      const problem = problemBody(refusalProblem(answer.code, answer.facts));
      return { index, key, commandId, status, collecteId, problem };
    }
    case "accepted":
      return { index, key, commandId, status, collecteId };
  }
}

/** The key that a command was sent with, to find it again by; of a malformed one too. */
function keyOf(command: unknown): string | undefined {
  if (typeof command !== "object" || command === null || !("key" in command)) return undefined;
  return typeof command.key === "string" && keyForm.test(command.key) ? command.key : undefined;
}
