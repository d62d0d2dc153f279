import type { FieldCode } from "../field-errors.ts";

/** What may be wrong in a cell, for those who fill in spreadsheets in French. */
export const fieldsInFrench: Readonly<Partial<Record<FieldCode, string>>> = {
  required: "Cette valeur manque.",
  wrong_value: "Cette valeur n'est pas de celles qui sont possibles ici.",
  too_short: "La valeur est trop courte, ou vide.",
  too_long: "La valeur est trop longue.",
  forbidden_characters: "Les caractères de contrôle et ceux qui changent le sens de lecture sont refusés.",
  bad_format: "La valeur n'a pas la forme attendue.",
  email_invalid: "Ce n'est pas une adresse e-mail à laquelle nous pouvons écrire.",
  cell_error: "La cellule contient une erreur de calcul, comme #REF! : saisissez la valeur.",
  row_duplicate: "Une ligne plus haut désigne la même personne.",
  contact_ambiguous: "Plusieurs contacts peuvent être cette personne : indiquez la référence.",
  phone_not_a_number: "Ce n'est pas un numéro de téléphone.",
  phone_country_unknown: "Aucun pays n'a cet indicatif.",
  phone_too_short: "Il manque des chiffres.",
  phone_too_long: "Il y a trop de chiffres.",
  phone_impossible: "Ce numéro ne peut pas exister dans son pays.",
  phone_not_mobile: "Ce numéro ne peut pas recevoir de SMS : indiquez un mobile.",
  phone_extension: "Un numéro avec poste ne peut pas recevoir de SMS.",
  phone_ambiguous:
    "Sans son 0 ou son +, ce numéro peut se lire de deux façons : saisissez-le comme texte, en entier.",
  phone_digits_lost: "Le tableur a perdu des chiffres de ce numéro : saisissez-le comme texte, en entier.",
};
