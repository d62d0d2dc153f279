import type { Request, Response } from "express";
import type { Verification } from "../actors/runtime/ports.ts";
import { verificationAnswer } from "./answers/checks.ts";
import type { Door } from "./door.ts";
import { refusalProblem } from "./failures.ts";
import { Problem } from "./problem.ts";
import type { Route } from "./route.ts";
import { receive } from "./upload.ts";

/** The check of a signed PDF, of which nothing is kept. */
export function verifyRoutes(door: Door): Route[] {
  return [
    {
      method: "post",
      path: "/v1/verify",
      operationId: "verifyDocument",
      summary: "Check the signatures of a PDF",
      access: "firm",
      scope: "collectes",
      body: "pdf",
      answer: {
        status: 200,
        description: "{verdict, indication, signatures, documentTimestamps, problems, …}",
        schema: verificationAnswer,
      },
      handle: (request, response) => verifyDocument(door, request, response),
    },
  ];
}

// Why a file could not be judged at all, as the inspection of an upload would say it.
const refusals: Readonly<Record<string, string>> = {
  verification_timeout: "pdf_inspection_timeout",
  verification_failed: "pdf_inspection_failed",
};

async function verifyDocument(door: Door, request: Request, response: Response): Promise<void> {
  const report = await reportOn(door, request);
  const refusal = refusals[report.problems[0] ?? ""];
  if (refusal !== undefined) throw refusalProblem(refusal, {});
  response.status(200).json(report);
}

async function reportOn(door: Door, request: Request): Promise<Verification> {
  if (!request.is(["application/pdf", "application/octet-stream"]) || request.get("Content-Encoding")) {
    throw new Problem("unsupported_media_type");
  }
  const path = door.blobs.temporaryPath();
  try {
    await receive(request, path, door.settings.maxDocumentBytes);
    return await door.verifier.verify(path);
  } finally {
    await door.blobs.discard(path);
  }
}
