import { deepStrictEqual } from "node:assert";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { ResponseConfig } from "@asteasolutions/zod-to-openapi";
import { minimalAnswer } from "../../../src/http/answers/collecte.ts";
import { problem, responsesOf } from "../../../src/http/openapi-responses.ts";
import type { Route } from "../../../src/http/route.ts";

/** Headers that a client may need, and must find described. */
const told = ["etag", "location", "command-id"];

/**
 * Serves as `app` does, and notes whatever an answer has that its description lacks, or lacks that it has: status,
 * media type, headers, and every field of a JSON body.
 */
export function describedOnly(routes: Route[], app: RequestListener, lies: string[]): RequestListener {
  const byPath = routes.map((route) => ({ route, form: formOf(route.path) }));
  return (request, response) => {
    const path = new URL(request.url ?? "/", "http://door").pathname;
    const method = request.method?.toLowerCase();
    const found = byPath
      .filter(({ route, form }) => route.method === method && form.test(path))
      .sort((one, other) => one.route.path.split("{").length - other.route.path.split("{").length)[0];
    if (found) {
      const { route } = found;
      watched(response, (body) => {
        const lie = lieOf(route, request, response, body);
        if (lie !== undefined) lies.push(`${route.method} ${route.path}, ${response.statusCode}: ${lie}`);
      });
    }
    app(request, response);
  };
}

function formOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`);
}

/** Calls back with all that was sent, once it was. */
function watched(response: ServerResponse, ended: (body: string) => void): void {
  const parts: Buffer[] = [];
  const { write, end } = response;
  const keep = (part: unknown) => {
    if (typeof part === "string" || part instanceof Uint8Array) parts.push(Buffer.from(part as string));
  };
  response.write = ((part: unknown, ...rest: unknown[]) => {
    keep(part);
    return write.call(response, part, ...(rest as [BufferEncoding]));
  }) as typeof write;
  response.end = ((part: unknown, ...rest: unknown[]) => {
    keep(part);
    const answer = end.call(response, part, ...(rest as [BufferEncoding]));
    ended(Buffer.concat(parts).toString());
    return answer;
  }) as typeof end;
}

function lieOf(
  route: Route,
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
): string | undefined {
  const { statusCode: status } = response;
  const type = String(response.getHeader("Content-Type") ?? "").split(";")[0] ?? "";
  if (type === "application/problem+json") return bodyLie([problem], body);
  const described = responsesOf(route)[status] as ResponseConfig | undefined;
  if (!described) return "this status is not described";
  const content = described.content ?? {};
  if (type !== "" && status !== 304 && !(type in content)) return `${type} is not described`;
  if (type === "" && Object.keys(content).length > 0 && request.method !== "HEAD") return "it has no body";
  const names = Object.keys((described.headers as { shape?: object } | undefined)?.shape ?? {});
  const known = names.map((name) => name.toLowerCase());
  const header = told.find((name) => response.hasHeader(name) && !known.includes(name));
  if (header !== undefined) return `the header ${header} is not described`;
  if (type !== "application/json") return undefined;
  const schema = status === route.answer.status ? route.answer.schema : route.answer.also?.[status];
  return schema && bodyLie([schema, ...(route.prefer?.includes("return") ? [minimalAnswer] : [])], body);
}

/** What is not described is left out of what was read. */
function bodyLie(
  schemas: { safeParse(value: unknown): { data?: unknown; error?: unknown } }[],
  body: string,
) {
  const value: unknown = JSON.parse(body);
  const faults = schemas.map((schema) => {
    const { data, error } = schema.safeParse(value);
    if (error) return String(error);
    try {
      deepStrictEqual(data, value);
      return undefined;
    } catch (difference) {
      return String(difference);
    }
  });
  return faults.includes(undefined) ? undefined : faults[0];
}
