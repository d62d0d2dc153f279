import type { Request, Response } from "express";
import { z } from "zod";
import { Retryable } from "../actors/runtime/errors.ts";
import type { SignInMethod } from "../actors/runtime/ports.ts";
import { memberSessionAnswer, signInMethods } from "./answers/acts.ts";
import type { Door } from "./door.ts";
import { iso } from "./instants.ts";
import { Problem } from "./problem.ts";
import type { ProblemCode } from "./problems.ts";
import type { Route } from "./route.ts";
import { shownMember } from "./staff-answers.ts";
import { checked, strict } from "./validation.ts";
import { id } from "./words.ts";

const signIn = "/v1/sign-in";
const cookieName = "__Host-collecte-sign-in";
/** How long somebody may take at the provider. */
const awayMs = 10 * 60_000;

/** 43 characters: SHA-256 in base64url, as PKCE's S256. */
const challenge = z.string().regex(/^[\w-]{43}$/);

const beginQuery = strict({ return: z.string().min(1).max(1_000), challenge, firm: id.optional() });
const exchangeBody = strict({
  code: z.string().min(1).max(200),
  verifier: z.string().regex(/^[\w.~-]{43,128}$/),
});

/** What the browser carries while it is away. */
interface Away {
  method: SignInMethod;
  kept: Record<string, string>;
  back: string;
  challenge: string;
  firm?: string | undefined;
  expiresAt: number;
}

/** How members sign in: away to a provider, back with a code in the fragment, which the page exchanges by POST. */
export function signInRoutes(door: Door): Route[] {
  return [
    {
      method: "get",
      path: signIn,
      operationId: "listSignInMethods",
      summary: "Where members can sign in",
      access: "open",
      answer: { status: 200, description: "{methods}", schema: signInMethods },
      handle: async (_request, response) => {
        const methods = Object.keys(door.signIn.providers);
        response.json({ methods: methods.map((method) => ({ method, path: `${signIn}/${method}` })) });
      },
    },
    ...(["oidc", "cas"] as const).flatMap((method) => methodRoutes(door, method)),
    {
      method: "post",
      path: `${signIn}/sessions`,
      operationId: "openMemberSession",
      summary: "Exchange the code that a page was called with for a session",
      access: "link",
      body: exchangeBody,
      answer: { status: 201, description: "{session, expiresAt, member}", schema: memberSessionAnswer },
      handle: (request, response) => exchange(door, request, response),
    },
  ];
}

function methodRoutes(door: Door, method: SignInMethod): Route[] {
  const name = method === "oidc" ? "Oidc" : "Cas";
  return [
    {
      method: "get",
      path: `${signIn}/${method}`,
      operationId: `beginSignInBy${name}`,
      summary: "Go and sign in; `challenge` is the SHA-256 of a verifier that the page keeps",
      access: "link",
      query: beginQuery,
      answer: { status: 303, description: "To the provider", location: true },
      handle: (request, response) => begin(door, method, request, response),
    },
    {
      method: "get",
      path: `${signIn}/${method}/callback`,
      operationId: `finishSignInBy${name}`,
      summary: "Come back from the provider",
      access: "link",
      answer: {
        status: 303,
        description: "To `return`, with #sign_in_code= or #sign_in_error=",
        location: true,
      },
      handle: (request, response) => finish(door, method, request, response),
    },
  ];
}

async function begin(door: Door, method: SignInMethod, request: Request, response: Response): Promise<void> {
  const provider = door.signIn.providers[method];
  if (!provider) throw new Problem("not_found");
  const query = checked(beginQuery, request.query);
  const back = allowedReturn(door, query.return);
  const { url, kept } = await provider.begin(callbackOf(door, method)).catch(unavailable);
  const expiresAt = door.clock.now() + awayMs;
  const away: Away = { method, kept, back, challenge: query.challenge, firm: query.firm, expiresAt };
  response.cookie(cookieName, door.secrets.sealSignIn(JSON.stringify(away)), { ...cookie, maxAge: awayMs });
  response.redirect(303, url);
}

/** The provider sends the browser by a link, so `Strict` would leave the cookie behind. */
const cookie = { path: "/", secure: true, httpOnly: true, sameSite: "lax" } as const;

async function finish(door: Door, method: SignInMethod, request: Request, response: Response): Promise<void> {
  const provider = door.signIn.providers[method];
  if (!provider) throw new Problem("not_found");
  const away = awayOf(door, method, request);
  response.clearCookie(cookieName, cookie);
  if (!away) throw new Problem("sign_in_failed");
  const came = new URL(`${callbackOf(door, method)}${queryOf(request)}`);
  const told = (word: string) => response.redirect(303, `${away.back}#${word}`);
  const refused = (code: ProblemCode) => told(`sign_in_error=${code}`);
  const person = await provider.finish(came, away.kept).catch(unavailable);
  if (!person) return refused("sign_in_failed");
  const admitted = await door.signIn.admit(person, away.firm);
  if (!admitted.ok) return refused(admitted.code);
  told(`sign_in_code=${await door.signIn.codeFor(admitted.value.id, away.challenge)}`);
}

async function exchange(door: Door, request: Request, response: Response): Promise<void> {
  const { code, verifier } = checked(exchangeBody, request.body);
  const opened = await door.signIn.exchange(code, verifier);
  const member = opened && (await door.staff.member(opened.session.firmId, opened.session.memberId));
  if (!opened || !member) throw new Problem("sign_in_failed");
  const { session, token } = opened;
  response
    .status(201)
    .json({ session: token, expiresAt: iso(session.expiresAt), member: shownMember(member) });
}

/** An address of an allowed origin, and nothing that could be read as another. Throws `invalid_request`. */
function allowedReturn({ settings, signIn: { returnOrigins } }: Door, text: string): string {
  const origins = [new URL(settings.baseUrl).origin, ...returnOrigins];
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // `blob:https://…` has the origin of what it names, and another path.
  const isWeb = url?.protocol === "https:" || url?.protocol === "http:";
  const isFine = url && isWeb && origins.includes(url.origin) && url.username === "" && url.password === "";
  if (isFine) return `${url.origin}${url.pathname}${url.search}`;
  throw new Problem("invalid_request", {
    errors: [
      { field: "return", code: "wrong_value", detail: "The operator allows no return to this origin." },
    ],
  });
}

function callbackOf({ settings }: Door, method: SignInMethod): string {
  return `${settings.baseUrl}${signIn}/${method}/callback`;
}

function queryOf({ originalUrl }: Request): string {
  const at = originalUrl.indexOf("?");
  return at < 0 ? "" : originalUrl.slice(at);
}

/** What this browser set out with, by this method, not too long ago. */
function awayOf(door: Door, method: SignInMethod, request: Request): Away | undefined {
  const cookies = (request.get("Cookie") ?? "").split(";").map((one) => one.trim());
  const carried = cookies.find((one) => one.startsWith(`${cookieName}=`))?.slice(cookieName.length + 1);
  const opened = carried === undefined ? undefined : door.secrets.openSignIn(carried);
  const away = opened === undefined ? undefined : (JSON.parse(opened) as Away);
  return away?.method === method && door.clock.now() < away.expiresAt ? away : undefined;
}

function unavailable(error: unknown): never {
  if (error instanceof Retryable) throw new Problem("sign_in_unavailable", { cause: error });
  throw error;
}
