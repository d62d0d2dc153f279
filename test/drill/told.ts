import { setTimeout as pause } from "node:timers/promises";
import { type ApiClient, ApiProblem, type ApiRequest } from "../../examples/end-of-year/api-client.ts";
import { newId } from "../../src/actors/runtime/ids.ts";

/** The end of a command, as the engine told it. */
export type Answer = { ok: true; body: Record<string, unknown> } | { ok: false; code: string };

/** What a client wants, and what must come of it. */
export interface Order {
  name: string;
  /** About which collecte; empty before there is one. */
  collecteId: string;
  /** The signatory, or the firm. */
  who: string;
  request: ApiRequest;
  /** "ok", or the code of the refusal. */
  expected: string;
  /** What it leads to when it is answered as expected, each once: types of events, with the signatory's id. */
  events: readonly string[];
}

/** One command of a client, under one Idempotency-Key. */
export interface Command extends Order {
  key: string;
  /** Places in the order of all that the client sent and heard. */
  sentAt: number;
  toldAt?: number;
  answer?: Answer;
  /** How often there was no answer, or none that said anything. */
  unknown: number;
}

/** `unknown`: tries without an answer, each of which was followed by another under the same key. */
export interface ToldFigures {
  ok: number;
  refused: number;
  unknown: number;
}

/** All that clients of one run were told. */
export class Told {
  readonly commands: Command[] = [];
  #time = 0;

  tick(): number {
    this.#time += 1;
    return this.#time;
  }

  figures(): ToldFigures {
    const answers = this.commands.flatMap(({ answer }) => (answer ? [answer.ok] : []));
    return {
      ok: answers.filter((ok) => ok).length,
      refused: answers.filter((ok) => !ok).length,
      unknown: this.commands.reduce((sum, { unknown }) => sum + unknown, 0),
    };
  }
}

export interface Caller {
  /** Sends it until it is answered. Throws when `deadline` (epoch) is over. */
  command(order: Order): Promise<Answer>;
  /** Sends it once more under its key; resolves with the answer. */
  again(command: Command): Promise<Answer>;
  read<T>(request: ApiRequest): Promise<T>;
  bytes(request: ApiRequest): Promise<Buffer>;
  /** Tries that had to be made again. */
  retries(): number;
  /** How many the request took that took most. */
  mostTries(): number;
}

export interface CallerOptions {
  /** Epoch: afterwards no answer is an error. */
  deadline: number;
  /** So is none after so many tries. */
  triesLimit?: number;
}

/** Speaks to the engines in turn, to the next one when one does not answer. */
export function createCaller(
  apis: readonly ApiClient[],
  told: Told,
  { deadline, triesLimit = Number.POSITIVE_INFINITY }: CallerOptions,
): Caller {
  let turn = 0;
  let retries = 0;
  let mostTries = 1;

  async function insist<T>(act: (api: ApiClient) => Promise<T>, onUnknown: () => void): Promise<T> {
    turn += 1;
    for (let tries = 1, first = turn; ; tries++) {
      mostTries = Math.max(mostTries, tries);
      const api = apis[(first + tries) % apis.length] as ApiClient;
      try {
        return await act(api);
      } catch (error) {
        if (!isNoAnswer(error)) throw error;
        onUnknown();
        if (Date.now() > deadline || tries >= triesLimit)
          throw new Error(`no answer in ${tries} tries`, { cause: error });
        retries += 1;
        await pause(Math.min(20 * 2 ** tries, 250));
      }
    }
  }

  async function send(command: Command): Promise<Answer> {
    const request = { ...command.request, idempotencyKey: command.key };
    try {
      const body = await insist(
        async (api) => {
          const reply = await api.json<Record<string, unknown>>(request);
          if (reply["status"] === "accepted") throw new NotDecidedYet();
          return reply;
        },
        () => {
          command.unknown += 1;
        },
      );
      return { ok: true, body };
    } catch (error) {
      if (error instanceof ApiProblem) return { ok: false, code: error.code };
      throw error;
    }
  }

  return {
    async command(order) {
      const command: Command = { ...order, key: newId("key", Date.now()), sentAt: told.tick(), unknown: 0 };
      told.commands.push(command);
      command.answer = await send(command);
      command.toldAt = told.tick();
      return command.answer;
    },
    again: (command) => send({ ...command }),
    read: (request) =>
      insist(
        (api) => api.json(request),
        () => undefined,
      ),
    bytes: (request) =>
      insist(
        (api) => api.bytes(request),
        () => undefined,
      ),
    retries: () => retries,
    mostTries: () => mostTries,
  };
}

/** 202: durable, and decided by another process; under the same key it will be told. */
class NotDecidedYet extends Error {}

function isNoAnswer(error: unknown): boolean {
  if (!(error instanceof ApiProblem)) return true;
  return error.status >= 500 || (error.status === 429 && !error.code.startsWith("otp_"));
}
