import type { RequestHandler } from "express";
import helmet from "helmet";

type Directives = Record<string, string[]>;

const none = ["'none'"];
const self = ["'self'"];

/** Of answers that no browser shows. */
const ofData: Directives = { defaultSrc: none, frameAncestors: none };

/** Of the signing page: its own script and style, its own API, and the PDFs it fetched, as blobs. */
const ofPage: Directives = {
  defaultSrc: none,
  scriptSrc: self,
  styleSrc: self,
  connectSrc: self,
  imgSrc: self,
  frameSrc: ["blob:"],
  objectSrc: ["blob:"],
  baseUri: none,
  formAction: none,
  frameAncestors: none,
};

function headers(directives: Directives): RequestHandler {
  return helmet({
    contentSecurityPolicy: { useDefaults: false, directives },
    referrerPolicy: { policy: "no-referrer" },
    xFrameOptions: { action: "deny" },
  });
}

/** Headers that every answer carries: nothing is kept by caches, framed, or told to other sites. */
export function secureHeaders(pagePaths: ReadonlySet<string>): RequestHandler {
  const data = headers(ofData);
  const page = headers(ofPage);
  return (request, response, next) => {
    response.setHeader("Cache-Control", "no-store");
    (pagePaths.has(request.path) ? page : data)(request, response, next);
  };
}
