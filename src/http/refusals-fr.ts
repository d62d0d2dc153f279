import type { SmsCapCode } from "../actors/runtime/ports.ts";
import type { ContactProblem } from "./contacts/problems.ts";
import { contactProblemsInFrench } from "./contacts/problems-fr.ts";
import type { InspectionProblem } from "./inspection-problems.ts";

/** What people meet who fill in, export or sign, for those who ask in French; programs' faults are told in English. */
export const inFrench: Readonly<
  Record<InspectionProblem | ContactProblem | SmsCapCode, { title: string; detail: string }>
> = {
  ...contactProblemsInFrench,
  sms_firm_cap: {
    title: "Plus aucun code ne peut être envoyé aujourd'hui",
    detail: "Le cabinet a envoyé tous les SMS de la journée : réessayez demain, ou contactez-le.",
  },
  sms_number_cap: {
    title: "Plus aucun code ne peut être envoyé à ce téléphone aujourd'hui",
    detail: "Trop de codes ont été envoyés à ce numéro aujourd'hui : réessayez demain.",
  },
  not_a_pdf: {
    title: "Ce n'est pas un PDF",
    detail: "Envoyez le fichier lui-même : il doit commencer par %PDF-.",
  },
  pdf_truncated: {
    title: "Le PDF n'est pas entier",
    detail: "La fin manque : exportez-le ou téléchargez-le de nouveau.",
  },
  pdf_trailing_data: {
    title: "Des données suivent la fin du PDF",
    detail: "Exportez le document de nouveau.",
  },
  pdf_encrypted: {
    title: "Le PDF est chiffré",
    detail: "Retirez son mot de passe et sa protection, puis renvoyez-le.",
  },
  pdf_damaged: {
    title: "Le PDF est endommagé",
    detail: "Exportez-le de nouveau, ou imprimez-le dans un nouveau PDF.",
  },
  pdf_damaged_signed: {
    title: "Le PDF est endommagé et porte une signature",
    detail: "Le réparer détruirait la signature : demandez l'original à ses signataires.",
  },
  pdf_signed: {
    title: "Le PDF porte déjà une signature",
    detail:
      "Il ne peut pas être neutralisé : envoyez-le sans neutralise=true, ou envoyez l'original non signé.",
  },
  pdf_too_many_pages: {
    title: "Le PDF a trop de pages",
    detail: "Répartissez-le en plusieurs documents.",
  },
  pdf_too_many_revisions: {
    title: "Le PDF a été modifié trop souvent",
    detail: "64 révisions au plus : exportez-le de nouveau.",
  },
  pdf_too_deep: {
    title: "Le PDF est imbriqué trop profondément",
    detail: "Exportez-le de nouveau, ou imprimez-le dans un nouveau PDF.",
  },
  pdf_cyclic: {
    title: "Le PDF tourne en rond",
    detail: "Une partie du document se contient elle-même : imprimez-le dans un nouveau PDF.",
  },
  pdf_ambiguous: {
    title: "Le PDF peut se lire de deux façons",
    detail: "Un objet ou une clé y figure deux fois : imprimez-le dans un nouveau PDF.",
  },
  pdf_active_content: {
    title: "Le PDF a un contenu actif",
    detail: "Retirez les scripts, les actions qui quittent le document, les formulaires XFA et les médias.",
  },
  pdf_external_content: {
    title: "Une partie du PDF est dans un autre fichier",
    detail: "Intégrez tout le contenu au document, ou imprimez-le dans un nouveau PDF.",
  },
  pdf_hidden_layers: {
    title: "Le PDF a des calques cachés",
    detail: "Aplatissez ses calques : à l'écran et à l'impression, tous doivent se voir.",
  },
  pdf_embedded_files: {
    title: "Des fichiers sont joints au PDF",
    detail: "Retirez les pièces jointes, ou envoyez-les comme documents.",
  },
  pdf_inspection_timeout: {
    title: "Le PDF est trop long à lire",
    detail: "Exportez-le de nouveau, ou imprimez-le dans un nouveau PDF ; l'examen a 15 secondes.",
  },
  pdf_inspection_failed: {
    title: "Le PDF n'a pas pu être lu sans danger",
    detail: "Exportez-le de nouveau, ou imprimez-le dans un nouveau PDF.",
  },
  pdf_certified_no_changes: {
    title: "Le PDF interdit toute autre signature que la sienne",
    detail: "Son auteur l'a certifié contre toute modification : demandez-lui une copie non certifiée.",
  },
  pdf_signature_broken: {
    title: "Une signature du PDF n'est pas valable, ou le PDF a été modifié après elle",
    detail: "Demandez à ses signataires le document tel qu'ils l'ont signé, ou envoyez-le sans signatures.",
  },
  pdf_too_large: {
    title: "Le PDF est trop grand une fois décompressé",
    detail: "Réduisez-le (images !), ou imprimez-le dans un nouveau PDF.",
  },
  pdf_too_many_objects: {
    title: "Le PDF a trop d'objets",
    detail: "Exportez-le de nouveau, ou répartissez-le en plusieurs documents.",
  },
  document_too_large: {
    title: "Le document est trop grand",
    detail: "Réduisez-le (images !) ou répartissez-le ; maxBytes dit combien est accepté.",
  },
};
