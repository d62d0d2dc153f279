import { createHash } from "node:crypto";
import type { Request, Response } from "express";
import type { FirmSeal, Instant } from "../actors/runtime/ports.ts";
import { sealList } from "./answers/firm.ts";
import { answeredKnown } from "./conditional.ts";
import type { Door } from "./door.ts";
import { iso } from "./instants.ts";
import { statusOf } from "./member-standing.ts";
import { Problem } from "./problem.ts";
import type { FirmCaller, Route } from "./route.ts";

const logo = "/v1/firm/logo";
const [png, jpeg] = ["image/png", "image/jpeg"];
const pngStart = Buffer.from("89504e470d0a1a0a", "hex");

/** What stands for the firm on its documents: the logo of its visible signatures, and its seal. */
export function firmMarkRoutes(door: Door): Route[] {
  return [
    {
      method: "get",
      path: logo,
      operationId: "readLogo",
      summary: "Read the logo that the firm's visible signatures show",
      access: "firm",
      scope: "firm",
      answer: { status: 200, description: "The image", file: png, orFile: jpeg, etag: "kept" },
      handle: (request, response, caller) => readLogo(door, request, response, caller),
    },
    {
      method: "put",
      path: logo,
      operationId: "setLogo",
      summary:
        "Show this logo: a PNG or a JPEG of at most 256 KB and a million pixels; counts within 5 seconds",
      access: "firm",
      scope: "firm",
      expertsOnly: true,
      body: "image",
      answer: { status: 204, description: "It is the firm's logo" },
      handle: (request, response, caller) => setLogo(door, request, response, caller),
    },
    {
      method: "delete",
      path: logo,
      operationId: "removeLogo",
      summary: "Show no logo any more",
      access: "firm",
      scope: "firm",
      expertsOnly: true,
      answer: { status: 204, description: "The firm has no logo" },
      handle: async (_request, response, { firm }) => {
        await door.logos.remove(firm.id);
        response.status(204).end();
      },
    },
    {
      method: "get",
      path: "/v1/firm/seals",
      operationId: "listSeals",
      summary: "List the certificates of the firm's seal, newest first, those that were revoked as well",
      access: "firm",
      scope: "firm",
      answer: { status: 200, description: "{items}", schema: sealList },
      handle: async (_request, response, { firm }) => {
        const seals = await door.seals.of(firm.id);
        response.json({ items: seals.map((seal) => shownSeal(seal, door.clock.now())) });
      },
    },
  ];
}

async function readLogo(
  door: Door,
  request: Request,
  response: Response,
  { firm }: FirmCaller,
): Promise<void> {
  const image = await door.logos.read(firm.id);
  if (image === undefined) throw new Problem("not_found");
  const etag = `"${createHash("sha256").update(image).digest("hex")}"`;
  if (answeredKnown(request, response, etag)) return;
  const isPng = pngStart.equals(image.subarray(0, pngStart.length));
  response.setHeader("Content-Type", isPng ? png : jpeg);
  response.setHeader("Content-Length", image.length);
  response.end(image);
}

async function setLogo(
  door: Door,
  request: Request,
  response: Response,
  { firm }: FirmCaller,
): Promise<void> {
  if (!Buffer.isBuffer(request.body)) throw new Problem("unsupported_media_type");
  const looked = await door.images.checkLogo(request.body);
  if (!looked.ok) {
    if (looked.code !== "logo_unsupported") throw new Error(`a logo was not looked at: ${looked.code}`);
    throw new Problem("not_a_logo", { facts: { reason: looked.detail ?? "" } });
  }
  await door.logos.put(firm.id, request.body);
  response.status(204).end();
}

function shownSeal(one: FirmSeal, now: Instant) {
  const { serialHex: serial, notBefore, notAfter, revokedAt, ...seal } = one;
  return {
    status: statusOf(one, now),
    serial,
    ...seal,
    notBefore: iso(notBefore),
    notAfter: iso(notAfter),
    ...(revokedAt !== undefined && { revokedAt: iso(revokedAt) }),
  };
}
