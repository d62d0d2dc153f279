/** Codes that stand beside a field in `errors`, and what they mean. */
export const fieldCodes = {
  required: "The field is missing.",
  unknown_field: "The engine doesn't know this field.",
  wrong_type: "The value is of another type than it must be.",
  wrong_value: "The value is none of those that may stand here.",
  too_short: "The value is too short, too small, or empty.",
  too_long: "The value is too long or too large.",
  forbidden_characters: "Control characters and characters that turn the reading direction are refused.",
  bad_format: "The value doesn't have the form that it must have.",
  email_invalid: "This is not an e-mail address that we can write to.",
  email_duplicate: "The same address stands twice in one list.",
  member_duplicate: "The same member stands twice in one list.",
  choice_changed: "These are not the bytes that wait: read the parapheur again.",
  choice_duplicate: "The same act of one collecte stands twice.",
  choice_ended: "The deadline has passed.",
  choice_not_allowed: "No delegation lets this member do it for that expert, in documents of this type.",
  choice_not_awaited: "Nothing of this waits for that member now.",
  choice_unknown: "There is no such collecte in this firm.",
  document_duplicate: "The same document stands twice.",
  document_unknown: "There is no such document in this firm.",
  page_unknown: "The document has no such page.",
  stamp_duplicate: "One signature shows once in a document, and an empty field takes one signature.",
  member_unknown: "There is no such member in this firm.",
  cursor_invalid: "The cursor is none of ours: send `nextCursor` of the page before, unchanged.",
  phone_not_a_number: "This is not a phone number.",
  phone_country_unknown: "No country has this calling code.",
  phone_too_short: "Digits are missing.",
  phone_too_long: "There are too many digits.",
  phone_impossible: "No such number can exist in its country.",
  phone_not_mobile: "The number exists, but can't receive an SMS: give a mobile number.",
  contact_unknown: "There is no such contact in this firm.",
  contact_phone_missing: "This contact has no mobile: a signatory needs one.",
  column_duplicate: "Two columns have this header: keep one.",
  cell_error: "The cell shows an error, such as #REF!: type the value.",
  row_duplicate: "A row above is the same person.",
  contact_ambiguous: "Several contacts may be this person: give the reference.",
  phone_ambiguous: "Without its 0 or its + this number can be read in two ways: type it whole, as text.",
  phone_digits_lost: "The spreadsheet has lost digits of this number: type it whole, as text.",
  phone_country_not_allowed: "The firm sends no codes to phones of this country.",
  phone_extension: "A number with an extension can't receive an SMS.",
} as const;

export type FieldCode = keyof typeof fieldCodes;

/** One thing that is wrong with one field; `field` is a path such as `steps/0/signatories/1/phone`. */
export interface FieldError {
  field: string;
  code: FieldCode;
  detail: string;
}

/** The error of a field, in the words of its code. */
export function fieldError(field: string, code: FieldCode): FieldError {
  return { field, code, detail: fieldCodes[code] };
}
