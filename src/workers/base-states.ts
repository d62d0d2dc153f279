import { createHash, type Hash } from "node:crypto";
import { eachChunk } from "./digests.ts";
import { type BaseFile, smallDocumentBytes } from "./open-document.ts";

const mostKept = 256;

// Oldest first. A state is some hundred bytes: what is kept is a promise that the file need not be read again.
const states = new Map<string, Hash>();

/**
 * The SHA-256 state after the last byte of a file. A large file is read by this thread once, as long as it is the same
 * file unchanged; the answer is not to be updated, only copied.
 */
export function baseState({ source, identity }: BaseFile): Hash {
  const known = states.get(identity);
  const state = known ?? stateOf(source);
  if (source.size <= smallDocumentBytes) return state;
  states.delete(identity);
  states.set(identity, state);
  for (const oldest of states.keys()) {
    if (states.size <= mostKept) break;
    states.delete(oldest);
  }
  return state;
}

function stateOf(source: BaseFile["source"]): Hash {
  const state = createHash("sha256");
  eachChunk(source, (chunk) => state.update(chunk));
  return state;
}
