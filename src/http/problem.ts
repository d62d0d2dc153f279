import { finished } from "node:stream";
import type { Request, Response } from "express";
import type { FieldError } from "./field-errors.ts";
import { type ProblemCode, problems } from "./problems.ts";
import { inFrench } from "./refusals-fr.ts";

export interface ProblemFacts {
  errors?: FieldError[];
  facts?: Record<string, number | string>;
  /** Allow, WWW-Authenticate, … */
  headers?: Record<string, string>;
  cause?: unknown;
}

/** Thrown by handlers; answered as problem+json (RFC 9457). */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly errors: FieldError[] | undefined;
  readonly facts: Record<string, number | string>;
  readonly headers: Record<string, string>;

  constructor(code: ProblemCode, options: ProblemFacts = {}) {
    super(code, { cause: options.cause });
    this.name = "Problem";
    this.code = code;
    this.errors = options.errors;
    this.facts = options.facts ?? {};
    this.headers = options.headers ?? {};
  }
}

/** Headers that a handler may have set before it failed. */
const ofTheDocument = [
  "ETag",
  "Accept-Ranges",
  "Content-Disposition",
  "Content-Length",
  "Content-Range",
  "Location",
];

/** How long what still arrives after a refusal is read and thrown away. */
const lingerMs = 5_000;

/** A problem as its members say it (RFC 9457, 3.1). */
export function problemBody({ code, errors, facts }: Problem, language: "en" | "fr" = "en") {
  const { status } = problems[code];
  const { title, detail } = language === "fr" ? frenchOf(code) : problems[code];
  return { type: `/errors/${code}`, title, status, code, detail, ...facts, ...(errors && { errors }) };
}

/** English where there is no French: what a program does wrong is for who wrote it. */
function frenchOf(code: ProblemCode): { title: string; detail: string } {
  const french: Partial<Record<ProblemCode, { title: string; detail: string }>> = inFrench;
  return french[code] ?? problems[code];
}

/** Answers with a problem; may be called as long as no header was sent. */
export function sendProblem(response: Response, problem: Problem): void {
  const {
    headers,
    facts: { retryAfterSeconds },
  } = problem;
  for (const name of ofTheDocument) response.removeHeader(name);
  if (retryAfterSeconds !== undefined) response.setHeader("Retry-After", String(retryAfterSeconds));
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  const isFrench = response.req.acceptsLanguages("en", "fr") === "fr";
  response.vary("Accept-Language");
  const body = Buffer.from(JSON.stringify(problemBody(problem, isFrench ? "fr" : "en")));
  response
    .status(problems[problem.code].status)
    .setHeader("Content-Type", "application/problem+json; charset=utf-8");
  response.setHeader("Content-Length", body.length);
  if (isStillSending(response.req)) endAfterRequest(response, body);
  else response.end(body);
}

function isStillSending({ complete, destroyed, headers }: Request): boolean {
  const isBodied = headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
  return isBodied && !complete && !destroyed;
}

/**
 * The answer goes out whole at once; the connection, which is good for no other request, is closed once the caller
 * has sent all. Closing it before would reset it, and a reset may overtake the answer (RFC 9112, 9.6).
 */
function endAfterRequest(response: Response, body: Buffer): void {
  const request = response.req;
  response.setHeader("Connection", "close");
  response.write(body);
  const late = setTimeout(() => response.end(), lingerMs).unref();
  finished(request, () => {
    clearTimeout(late);
    response.end();
  });
  request.resume();
}
