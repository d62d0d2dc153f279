import { expect } from "chai";
import type { Block } from "../../src/actors/runtime/ports.ts";
import { evidencePaper, summaryPaper } from "../../src/proof/pages.ts";
import type { ExportedRecord } from "../../src/proof/record.ts";
import { aCollecte, morning, type ToldCollecte } from "../support/collecte-builder.ts";

const hour = 3_600_000;

function recordOf({ events }: ToldCollecte, language: "fr" | "en" = "fr"): ExportedRecord {
  return {
    format: "collecte-record/1",
    madeAt: morning,
    pages: 1,
    collecte: { id: "col_1", firmId: "firm", language },
    firm: { name: "Cabinet Lemoine" },
    members: { mem_s1: "Hélène Lemoine", mem_2: "Léa Petit" },
    events: events.map(({ type, ...data }, i) => ({
      ...{ version: i + 1, n: 0, messageId: `m${i}`, type, at: data.at, previousHash: "", hash: `h${i}` },
      data: JSON.stringify(data),
    })),
    head: { version: events.length, hash: "h", events: events.length },
    certificates: [],
    sha256: "",
  };
}

const said = (blocks: readonly Block[]) =>
  blocks.map((block) =>
    block.kind === "row" ? [block.label, block.text, ...(block.details ?? [])].join(" | ") : block.text,
  );
const evidenceOf = (told: ToldCollecte) => said(evidencePaper(recordOf(told), "{}", "ff").blocks);
const summaryOf = (told: ToldCollecte, language: "fr" | "en" = "fr") =>
  said(summaryPaper(recordOf(told, language), language).blocks);

describe("the pages of an evidence file", () => {
  it("say first what became of it, then who signed, what, how it went, and how to check it", () => {
    const told = aCollecte({ steps: ["s1", "seal"], documents: 2, copies: ["c1"] }).launched();
    const lines = evidenceOf(told.after(hour).signedBy("s1").sealed());
    expect(lines.slice(0, 9)).to.deep.equal([
      "Établi le | 30/11/2026 10:00:00 (UTC+01:00)",
      "Cabinet | Cabinet Lemoine (firm)",
      "Collecte | col_1",
      "Titre | Lettre de mission",
      "Issue | Terminée : toutes les signatures sont apposées",
      "Signataires et personnes en copie",
      "Signataire, étape 1 | Zoé s1 (s1)\nSigné le 30/11/2026 11:00:00 (UTC+01:00) | s1@client.example",
      "Cachet du cabinet, étape 2 | Cabinet Lemoine\nApposé le 30/11/2026 11:00:00 (UTC+01:00)",
      "En copie | Zoé c1 (c1) | c1@client.example",
    ]);
    const headings = ["Documents et leurs empreintes", "Déroulement (heure de Paris)", "Certificats"];
    const places = [...headings, "Comment vérifier ce dossier"].map((heading) => lines.indexOf(heading));
    expect(places)
      .to.deep.equal([...places].sort((a, b) => a - b))
      .and.not.include(-1);
    expect(lines).to.include("Document | d1, 2 pages, 52\u00a0000 octets");
    expect(lines).to.include("après la signature 2 | d1-r2");
    expect(lines.join()).to.not.match(/qualifi/i);
  });

  it("say who signed by which delegation, who was replaced, and who never signed", () => {
    const told = aCollecte({ steps: ["s1", "s2", "s3"], members: { s1: "mem_s1" } }).launched();
    const by = { memberId: "mem_2", delegationId: "del_7" };
    const lines = evidenceOf(told.told(told.inParapheur("s1", by)).applied().replaced("s2").cancelled());
    expect(lines).to.include(
      "Signataire, étape 1 | Zoé s1 (s1)\nSigné le 30/11/2026 10:00:00 (UTC+01:00) par Léa Petit (délégation del_7) | s1@client.example",
    );
    expect(lines.join("\n")).to.include("Signature ordonnée par Léa Petit (délégation del_7) : Zoé s1");
    const alone = told.told(told.inParapheur("s1", { memberId: "mem_s1" })).applied();
    expect(evidenceOf(alone).join("\n")).to.include("| Signature ordonnée : Zoé s1");
    expect(lines).to.include("Issue | Annulée | Motif\u00a0: a wrong figure");
    expect(lines.find((line) => line.startsWith("Remplacé(e)"))).to.include("Zoé s2 (s2)");
    expect(lines.find((line) => line.includes("Paul Neuf ("))).to.include("\nN'a pas signé |");
    expect(lines.find((line) => line.includes("Zoé s3 (s3)\n"))).to.include("n'a pas été invité(e)");
  });

  it("give a refusal's author and reason at once, and have no heading over nothing", () => {
    const lines = evidenceOf(aCollecte().launched().refusedBy("s1"));
    expect(lines).to.include("Issue | Refusée par Zoé s1 | Motif\u00a0: not my figures");
    expect(lines.join("\n")).to.include("A refusé de signer le 30/11/2026").and.not.include("Certificats");
  });

  it("tell each digest where it is signed, and name a code's documents in one line", () => {
    const lines = evidenceOf(aCollecte({ documents: 2 }).launched().signedBy("s1")).join("\n");
    expect(lines).to.include(
      "Document présenté\u00a0: d1 | SHA-256\u00a0: d1-r0 | Document présenté\u00a0: d2",
    );
    expect(lines).to.match(/Identifiant du code\u00a0: otp-1 \| Documents\u00a0: les 2, à l'origine/);
    const alone = evidenceOf(aCollecte().launched().signedBy("s1")).join("\n");
    expect(alone).to.match(/Identifiant du code\u00a0: otp-1 \| Document\u00a0: d1, à l'origine/);
    expect(lines).to.include("SHA-256 avant\u00a0: d2-r0 | SHA-256 après\u00a0: d2-r1");
  });
});

describe("the pages of a summary", () => {
  it("say of a collecte that has not ended that it goes on, in French and in English", () => {
    expect(summaryOf(aCollecte())).to.include("Issue | En préparation");
    const launched = aCollecte().launched();
    expect(summaryOf(launched).join("\n")).to.include("Issue | En cours : toutes");
    expect(summaryOf(launched, "en").join("\n")).to.include("Outcome | Under way: not all");
  });
});
