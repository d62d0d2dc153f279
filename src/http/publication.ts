import { createHash } from "node:crypto";
import type { Request, Response } from "express";
import type { Published } from "../actors/runtime/ports.ts";
import { isKnown } from "./conditional.ts";
import type { Door } from "./door.ts";
import { Problem } from "./problem.ts";
import { type OpenRoute, parameter } from "./route.ts";

/** Certificates don't change; a day is how long a cache may serve one that an operator took out of the store. */
const certificateSeconds = 86_400;

/**
 * What certificates point to, for anybody and without a key: authorities' certificates (RFC 5280 §4.2.2.1), revocation
 * lists (§4.2.1.13) and OCSP (RFC 6960 annex A.1). All is signed, so caches and plain HTTP do no harm.
 */
export function publicationRoutes({ publication, clock }: Pick<Door, "publication" | "clock">): OpenRoute[] {
  const send = (request: Request, response: Response, type: string, { der, freshUntil }: Published) => {
    const seconds = Math.max(0, Math.floor((freshUntil - clock.now()) / 1000));
    const etag = `"${createHash("sha256").update(der).digest("hex").slice(0, 32)}"`;
    // RFC 5019 §5: a proxy that changed the bytes would break the signature.
    const caching = seconds > 0 ? `public, max-age=${seconds}, no-transform, must-revalidate` : "no-store";
    response.setHeader("Cache-Control", caching);
    response.setHeader("ETag", etag);
    if (request.method === "GET" && isKnown(request, etag)) response.status(304).end();
    else response.type(type).send(Buffer.from(der));
  };
  const answerOcsp = async (request: Request, response: Response, requestDer: Uint8Array) =>
    send(request, response, "application/ocsp-response", await publication.ocsp(requestDer));

  return [
    {
      method: "get",
      path: "/pki/{authority}.crl",
      operationId: "readRevocationList",
      summary: "What an authority revoked",
      access: "public",
      answer: { status: 200, description: "application/pkix-crl" },
      handle: async (request, response) => {
        const crl = await publication.crl(parameter(request, "authority"));
        if (crl === undefined) throw new Problem("not_found");
        send(request, response, "application/pkix-crl", crl);
      },
    },
    {
      method: "get",
      path: "/pki/{authority}.cer",
      operationId: "readAuthorityCertificate",
      summary: "An authority's certificate",
      access: "public",
      answer: { status: 200, description: "application/pkix-cert" },
      handle: async (request, response) => {
        const der = await publication.certificate(parameter(request, "authority"));
        if (der === undefined) throw new Problem("not_found");
        const freshUntil = clock.now() + certificateSeconds * 1000;
        send(request, response, "application/pkix-cert", { der, freshUntil });
      },
    },
    {
      method: "post",
      path: "/pki/ocsp",
      operationId: "askOcsp",
      summary: "Whether a certificate was revoked",
      access: "public",
      body: "ocsp",
      answer: { status: 200, description: "application/ocsp-response" },
      handle: (request, response) =>
        answerOcsp(request, response, Buffer.isBuffer(request.body) ? request.body : new Uint8Array(0)),
    },
    {
      method: "get",
      // The base64 may hold slashes, which proxies decode before we see them.
      path: "/pki/ocsp/*request",
      operationId: "askOcspByAddress",
      summary: "Whether a certificate was revoked, in a form that caches keep",
      access: "public",
      answer: { status: 200, description: "application/ocsp-response" },
      handle: (request, response) => {
        const segments: unknown = request.params["request"];
        const base64 = Array.isArray(segments) ? segments.join("/") : "";
        return answerOcsp(request, response, Buffer.from(base64, "base64"));
      },
    },
  ];
}
