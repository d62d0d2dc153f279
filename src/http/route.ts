import type { Request, Response } from "express";
import type { z } from "zod";
import type { CollecteView, Firm, Member } from "../actors/runtime/ports.ts";
import type { Scope } from "../actors/runtime/scopes.ts";
import type { Session } from "../actors/runtime/secrets.ts";
import { Problem } from "./problem.ts";
import { idForm } from "./words.ts";

/** A program of a firm that has shown a live API key, or a member of it who has signed in. */
export interface FirmCaller {
  /** Names the key or the member's session: requests are counted by it. */
  keyId: string;
  /** What the key may do; absent of a member who signed in themselves. */
  scopes?: readonly Scope[];
  firm: Firm;
  /** Who acts, where a right is asked for: whoever signed in, or for whom the program says that it acts. */
  member?: Member;
}

/** A member who acts: signed in, or by a program that says so. */
export interface MemberCaller extends FirmCaller {
  member: Member;
}

/** A person whose session is whole, with the collecte as it is now. */
export interface Reader {
  session: Session;
  view: CollecteView;
}

interface Described {
  method: "get" | "post" | "put" | "patch" | "delete";
  /** As in OpenAPI: `/v1/collectes/{id}`. */
  path: string;
  operationId: string;
  summary: string;
  /** What the body is: JSON of this shape, a PDF, a spreadsheet, an image, an OCSP request, an SMS gateway's receipt as it came, or nothing. */
  body?: z.ZodType | "pdf" | "spreadsheet" | "image" | "ocsp" | "receipt";
  query?: z.ZodType;
  /** How large a JSON body may be, when not as most. */
  maxJsonBytes?: number;
  /** Whether it is done only if what it changes has the version that `If-Match` says. */
  ifMatch?: true;
  /** Which wishes of a `Prefer` header it grants (RFC 7240). */
  prefer?: ("wait" | "return")[];
  /** `file`: the media type of an answer that is not JSON. */
  answer: {
    status: number;
    description: string;
    schema?: z.ZodType;
    file?: string;
    /** Another media type that it may have: of a file, or when the query asks for another than JSON. */
    orFile?: string;
    /** It has an `ETag`; `kept`: who holds that already is answered 304. */
    etag?: true | "kept";
    /** It has a `Location`. */
    location?: true;
    /** Parts of it may be asked for (RFC 9110, 14). */
    ranges?: true;
    /** Other answers that are no problems, by their status. */
    also?: Readonly<Record<number, z.ZodType>>;
  };
}

/** A route for programs of a firm or its members. */
export type FirmRoute = Extract<Route, { access: "firm" | "member" }>;

/** Who may call a route says what its handler is told about the caller. */
export type Route = Described &
  (
    | {
        access: "firm";
        /** What an API key needs to call it; one with `read` may also, if it is a GET. */
        scope: Scope;
        /** Who acts as a member must be an expert. */
        expertsOnly?: boolean;
        handle(request: Request, response: Response, caller: FirmCaller): Promise<void>;
      }
    | { access: "member"; handle(request: Request, response: Response, caller: MemberCaller): Promise<void> }
    | { access: "session"; handle(request: Request, response: Response, reader: Reader): Promise<void> }
    | { access: "link" | "public" | "open"; handle(request: Request, response: Response): Promise<void> }
  );

/** A route that anybody may call. */
export type OpenRoute = Extract<Route, { access: "link" | "public" | "open" }>;

/** A path parameter; Express has matched it, so it is there. */
export function parameter(request: Request, name: string): string {
  const value = request.params[name];
  return typeof value === "string" ? value : "";
}

/** The `{id}` of the path. Throws `not_found` for what can't be one. */
export function idIn(request: Request): string {
  const id = parameter(request, "id");
  if (!idForm.test(id)) throw new Problem("not_found");
  return id;
}
