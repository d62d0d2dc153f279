import fc from "fast-check";
import { latin1 } from "./documents.ts";

const TOKENS = [
  "<<",
  ">>",
  "[",
  "]",
  "(",
  "<",
  "1 0 R",
  "/Kids",
  "/Length -1",
  "/Filter",
  "null",
  "endobj",
  "%%EOF",
];

/** One way in which a file may be wrong: `at` is a share of it, `value` a number to be put somewhere. */
type Mutation = (text: string, at: number, value: number) => string;

/** The n-th match of what `pattern` finds, with its first group written anew. */
function renumbered(pattern: RegExp): Mutation {
  return (text, at, value) => {
    const found = [...text.matchAll(pattern)];
    const one = found[Math.floor(at * found.length)];
    if (one === undefined) return text;
    const [whole, digits = ""] = one;
    const anew = whole.replace(digits, String(value).padStart(digits.length, "0"));
    return text.slice(0, one.index) + anew + text.slice(one.index + whole.length);
  };
}

const mutations: Readonly<Record<string, Mutation>> = {
  byte: (text, at, value) => {
    const place = Math.floor(at * text.length);
    return text.slice(0, place) + String.fromCharCode(value % 256) + text.slice(place + 1);
  },
  token: (text, at, value) => {
    const place = Math.floor(at * text.length);
    return text.slice(0, place) + (TOKENS[value % TOKENS.length] ?? "") + text.slice(place);
  },
  cut: (text, at) => text.slice(0, Math.floor(at * text.length)),
  loss: (text, at, value) => {
    const place = Math.floor(at * text.length);
    return text.slice(0, place) + text.slice(place + (value % 200));
  },
  doubling: (text, at, value) => {
    const place = Math.floor(at * text.length);
    return text.slice(0, place + (value % 200)) + text.slice(place);
  },
  length: renumbered(/\/Length (\d+)/g),
  offset: renumbered(/(\d{10}) 00000 n/g),
  reference: renumbered(/(\d+) 0 R/g),
  startxref: renumbered(/startxref\s+(\d+)/g),
  count: renumbered(/\/(?:Count|Size|N|First|Prev) (\d+)/g),
};

/** Files made from good ones by one to four mutations. */
export function mutated(samples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const change = fc.record({
    kind: fc.constantFrom(...Object.keys(mutations)),
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    value: fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 9_999 }), fc.constant(9_999_999_999)),
  });
  const which = fc.nat({ max: samples.length - 1 });
  return fc.tuple(which, fc.array(change, { minLength: 1, maxLength: 4 })).map(([index, changes]) => {
    const text = changes.reduce(
      (all, { kind, at, value }) => mutations[kind]?.(all, at, value) ?? all,
      latin1(samples[index] ?? new Uint8Array(0)),
    );
    return Buffer.from(text, "latin1");
  });
}
