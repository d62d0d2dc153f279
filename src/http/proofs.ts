import type { Request, Response } from "express";
import { z } from "zod";
import { inclusionAnswer } from "./answers/checks.ts";
import { summaryAnswer } from "./answers/collecte.ts";
import { answeredKnown } from "./conditional.ts";
import type { Door } from "./door.ts";
import { dispositionOf } from "./file-names.ts";
import { foundCollecte } from "./found-collecte.ts";
import { iso } from "./instants.ts";
import { Problem } from "./problem.ts";
import type { FirmCaller, Route } from "./route.ts";
import { checked } from "./validation.ts";

const path = "/v1/collectes/{id}";
const summaryQuery = z.strictObject({ format: z.enum(["json", "pdf"]).default("json") });

type Handler = (request: Request, response: Response, caller: FirmCaller) => Promise<void>;

/** What is told and proven of a collecte by its record. */
export function proofRoutes(door: Door): Route[] {
  return [
    {
      method: "get",
      path: `${path}/evidence`,
      operationId: "downloadEvidence",
      summary: "Download the evidence file: a sealed PDF with the record attached",
      access: "firm",
      scope: "collectes",
      answer: { status: 200, description: "The PDF", file: "application/pdf", etag: "kept" },
      handle: evidence(door),
    },
    {
      method: "get",
      path: `${path}/summary`,
      operationId: "readSummary",
      summary: "Read who did what and when, in French or English",
      access: "firm",
      scope: "collectes",
      query: summaryQuery,
      answer: {
        status: 200,
        description: "{id, state, lines}, in the language of Accept-Language; or a PDF",
        schema: summaryAnswer,
        orFile: "application/pdf",
      },
      handle: summary(door),
    },
    {
      method: "get",
      path: `${path}/inclusion`,
      operationId: "proveInclusion",
      summary: "Get the proof that the record is under a timestamped hourly root",
      access: "firm",
      scope: "collectes",
      answer: { status: 200, description: "The newest proof", schema: inclusionAnswer },
      handle: inclusion(door),
    },
  ];
}

const evidence =
  (door: Door): Handler =>
  async (request, response, { firm }) => {
    const { id, state } = await foundCollecte(door, firm.id, request);
    if (state.forgottenAt !== undefined) throw new Problem("evidence_gone");
    if (state.evidence === undefined) throw new Problem("evidence_pending");
    const etag = `"${state.evidence.sha256}"`;
    if (answeredKnown(request, response, etag)) return;
    const pdf = await door.proofs.evidence.open(firm.id, id, state.evidence.sha256);
    sendPdf(response, pdf, `${id}-${state.language === "fr" ? "dossier-de-preuve" : "evidence"}.pdf`);
  };

const summary =
  (door: Door): Handler =>
  async (request, response, { firm }) => {
    const { format } = checked(summaryQuery, request.query);
    const { id, state } = await foundCollecte(door, firm.id, request);
    response.vary("Accept-Language");
    const language = request.acceptsLanguages("fr", "en") === "en" ? "en" : "fr";
    response.setHeader("Content-Language", language);
    if (format === "pdf") {
      const pdf = await door.proofs.summaryPdf(firm.id, id, language);
      if (pdf === undefined) throw new Problem("not_found");
      sendPdf(response, pdf, `${id}-${language === "fr" ? "recapitulatif" : "summary"}.pdf`);
      return;
    }
    const lines = await door.proofs.summary(firm.id, id, language);
    if (lines === undefined) throw new Problem("not_found");
    response.json({
      id,
      state: state.status,
      title: state.personal.title,
      lines: lines.map(({ at, ...line }) => ({ at: iso(at), ...line })),
    });
  };

const inclusion =
  (door: Door): Handler =>
  async (request, response, { firm }) => {
    const { id } = await foundCollecte(door, firm.id, request);
    const proof = await door.proofs.inclusion(id);
    if (proof === undefined) throw new Problem("inclusion_pending");
    response.json(proof);
  };

function sendPdf(response: Response, pdf: Uint8Array, name: string): void {
  response.setHeader("Content-Type", "application/pdf");
  response.setHeader("Content-Disposition", dispositionOf("attachment", name));
  response.setHeader("Content-Length", pdf.length);
  response.end(pdf);
}
