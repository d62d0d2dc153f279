import type { ContactProblem } from "./problems.ts";

/** What is wrong with contacts and files of them, for those who ask in French. */
export const contactProblemsInFrench: Readonly<Record<ContactProblem, { title: string; detail: string }>> = {
  contact_exists: {
    title: "Ce contact existe déjà",
    detail: "Location mène au contact qui a cette référence, ou cet e-mail et ce nom : modifiez celui-là.",
  },
  contacts_columns: {
    title: "Les colonnes ne sont pas celles du modèle",
    detail:
      "errors nomme celles qui manquent ou sont en double ; le modèle est à /v1/contacts/template.xlsx.",
  },
  spreadsheet_unknown_format: {
    title: "Ce n'est pas un tableau lisible",
    detail: "Enregistrez-le en .xlsx, .ods, .xls (97-2003) ou .csv, et envoyez le fichier lui-même.",
  },
  spreadsheet_damaged: {
    title: "Le tableau est endommagé",
    detail: "Enregistrez-le de nouveau, en .xlsx ou .csv.",
  },
  spreadsheet_encrypted: {
    title: "Le tableau est protégé par un mot de passe",
    detail: "Retirez le mot de passe, puis renvoyez-le.",
  },
  spreadsheet_macros: {
    title: "Le tableau contient des macros",
    detail:
      "Enregistrez-le sans macros, en .xlsx ou .csv. Les classeurs binaires (.xlsb) sont aussi refusés.",
  },
  spreadsheet_external_links: {
    title: "Le tableau a des liens vers d'autres fichiers ou données",
    detail: "Copiez les valeurs dans un nouveau tableau, sans liens, requêtes ni objets incorporés.",
  },
  spreadsheet_entities: {
    title: "Le tableau contient du XML refusé",
    detail: "Aucun logiciel n'écrit de type de document dans un tableau : enregistrez-le de nouveau.",
  },
  spreadsheet_too_large: {
    title: "Le tableau est trop grand",
    detail: "5 Mo, 50 Mo une fois décompressé, 100 colonnes : retirez les autres feuilles, ou divisez-le.",
  },
  spreadsheet_too_many_entries: {
    title: "Le tableau a trop de parties",
    detail: "Il peut contenir 200 fichiers au plus : gardez une feuille, sans images.",
  },
  spreadsheet_too_many_rows: {
    title: "Le tableau a trop de lignes",
    detail: "10 000 au plus, en plus de l'en-tête : divisez-le.",
  },
  spreadsheet_empty: {
    title: "Le tableau est vide",
    detail: "Remplissez la feuille Contacts, ou la première.",
  },
  spreadsheet_timeout: {
    title: "Le tableau est trop long à lire",
    detail: "Enregistrez-le de nouveau, sans mises en forme ni lignes vides ; la lecture a 15 secondes.",
  },
  spreadsheet_failed: {
    title: "Le tableau n'a pas pu être lu sans danger",
    detail: "Enregistrez-le de nouveau, en .xlsx ou .csv.",
  },
};
