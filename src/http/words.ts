import { z } from "zod";
import { fieldCodes } from "./field-errors.ts";
import { readPhone } from "./phone.ts";
import { fault } from "./validation.ts";

/** Controls, line separators, lone surrogates, bidi controls, and the invisible U+200B and U+FEFF. */
const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061C\u200B\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/u;
const unprintableButLines =
  /(?![\n\r\t])[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061C\u200B\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/u;

const message = { error: fieldCodes.forbidden_characters };

/** One line of text, trimmed and in NFC. */
export function line(max: number) {
  return z
    .string()
    .trim()
    .normalize()
    .min(1)
    .max(max)
    .refine((text) => !unprintable.test(text), { ...message, params: { code: "forbidden_characters" } });
}

/** A time with its offset, as milliseconds. */
export const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

/** Text that may have several lines. */
export function lines(max: number) {
  return z
    .string()
    .trim()
    .normalize()
    .max(max)
    .refine((text) => !unprintableButLines.test(text), {
      ...message,
      params: { code: "forbidden_characters" },
    });
}

/**
 * RFC 5321's dot-atom and a host name in ASCII with a dot: no quoted parts, comments or address literals,
 * so that nothing in it means anything to a mail header. The host is answered in lower case.
 */
const localPart = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const host =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+(?:[A-Za-z]{2,63}|xn--[A-Za-z0-9-]{1,58}[A-Za-z0-9])$/;
const maxAddressBytes = 254;
const maxLocalBytes = 64;

/** An e-mail address; see `localPart` and `host` for the grammar. */
export const email = z.string().transform((text, context) => {
  const at = text.lastIndexOf("@");
  const local = text.slice(0, at);
  const domain = text.slice(at + 1);
  const fine =
    at > 0 &&
    text.length <= maxAddressBytes &&
    local.length <= maxLocalBytes &&
    localPart.test(local) &&
    host.test(domain);
  if (!fine) {
    fault(context, "email_invalid");
    return z.NEVER;
  }
  return `${local}@${domain.toLowerCase()}`;
});

/** A mobile as people write it, in E.164; a national number is read in `country`. */
export function phone(country: string) {
  return z
    .string()
    .max(64)
    .transform((text, context) => {
      const reading = readPhone(text, country);
      if (reading.ok) return reading.e164;
      fault(context, reading.code);
      return z.NEVER;
    });
}

/** The form of our ids: nothing that a database can't take, or that addresses are put together with. */
export const idForm = /^[\w-]{1,100}$/;

/** An id of ours, as it may come from outside. */
export const id = z.string().min(1).max(100).regex(idForm);
