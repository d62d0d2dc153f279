import type { Command } from "../collecte/commands.ts";
import { consentSentences } from "../collecte/consent.ts";
import type { Effect } from "../collecte/effects.ts";
import { isLastSignature, levelNow } from "../collecte/level-now.ts";
import type { PadesLevel } from "../collecte/levels.ts";
import {
  type Collecte,
  type CollecteDocument,
  isSameOrdered,
  type Ordered,
  type Person,
} from "../collecte/state.ts";
import { Retryable, Terminal, Unexplained } from "../runtime/errors.ts";
import type {
  Appearance,
  BorrowedBlob,
  EffectInHand,
  Instant,
  KeyMaterial,
  SignerSpec,
  SignResult,
  SignTask,
} from "../runtime/ports.ts";
import type { EffectDeps } from "./deps.ts";
import { shownIn } from "./stamps.ts";
import { sealReason } from "./templates/seal.ts";
import { stampLines } from "./templates/stamp.ts";
import { oneLine } from "./templates/text.ts";

type SignDeps = Pick<EffectDeps, "signAtLevel" | "blobs" | "keyring" | "directory" | "clock" | "settings">;
type SignOrder = Extract<Effect, { kind: "sign" | "seal" }>;
type Signed = { document: CollecteDocument; outPath: string; result: SignResult & { ok: true } };
/** Who signs: all of a task that is the same for every document. */
type Signing = Pick<SignTask, "signer" | "name" | "reason">;
/** Who signs, and whose key it now is, to be asked again: a wait for a thread or a TSA may be long. */
type Signer = { signing: Signing; keyNow: () => Promise<KeyMaterial> };

/** Codes of failed tasks that say nothing of the document: they are tried again until they pass. */
const passing = new Set(["pool_closed", "disk_full", "file_inaccessible", "token_absent", "token_failed"]);
/** Codes that may be the machine's fault or the document's: the runner counts them, and gives up after a few. */
const unexplained = new Set(["worker_crashed", "internal_error", "readback_failed", "level_not_reached"]);

/**
 * Signs or seals every document of a collecte, all at once in the pool, at the level that this signature is to have.
 * The documents become one command or none: revisions without their command are blobs that nothing names.
 */
export function signEffect(deps: SignDeps): (effect: EffectInHand) => Promise<Command | undefined> {
  return async ({ row, state }) => {
    const order = row.payload as unknown as SignOrder;
    const by: Ordered = order.kind === "seal" ? { seal: order.step } : { signatoryId: order.signatoryId };
    const next = state.ordered[0];
    if (next === undefined || !isSameOrdered(next, by)) return undefined;
    const { signing, keyNow } = await (order.kind === "seal"
      ? sealing(deps, row.firmId, state)
      : signature(deps, order.signatoryId, state));
    if (state.documents.length === 0) throw new Terminal("no_documents");
    const at = deps.clock.now();
    const look = await lookOf(deps, row.firmId, state, { name: signing.name, at });
    const { certify, lock } = deps.settings;
    const level = levelNow(state);
    const complete = isLastSignature(state);
    const signed = await signAll(
      deps,
      { level, complete },
      state.documents,
      (document) => ({
        ...signing,
        signingTime: at,
        ...shownIn(row.actorId, state, document, by, look),
        ...(certify === true && document.revisions === 0 && { certify: true }),
        ...(lock === true && complete && { lock: true }),
      }),
      () => mustHold(signing.signer, keyNow),
    );
    return {
      type: "RecordSignature",
      by,
      documents: signed.map(({ document, result }) => ({
        id: document.id,
        before: result.before,
        after: result.sha256,
        bytes: result.bytes,
        certificate: result.certificate,
      })),
      level,
      at: deps.clock.now(),
    };
  };
}

async function lookOf(
  { directory }: SignDeps,
  firmId: string,
  { stamps, language }: Collecte,
  signer: { name: string; at: Instant },
): Promise<Omit<Appearance, "at">> {
  const logo = stamps === undefined ? undefined : await directory.logo(firmId);
  return { lines: stampLines(signer, language), ...(logo && { logo }) };
}

async function sealing({ keyring, directory }: SignDeps, firmId: string, state: Collecte): Promise<Signer> {
  const keyNow = () => keyring.ownedBy(firmId);
  const [key, rootDer, firm] = await Promise.all([keyNow(), keyring.rootDer(), directory.firm(firmId)]);
  if (!firm) throw new Terminal("firm_missing");
  const signing: Signing = {
    signer: { kind: "kept", key, rootDer: key.anchorDer ?? rootDer },
    name: oneLine(firm.name),
    reason: sealReason[state.language],
  };
  return { signing, keyNow };
}

async function signature(
  { keyring }: SignDeps,
  signatoryId: string,
  { personal, signatories, language }: Collecte,
): Promise<Signer> {
  const person = personal.people[signatoryId];
  if (!person) throw new Terminal("recipient_missing");
  const { memberId: asked, signs } = signatories[signatoryId] ?? {};
  const memberId = signs?.memberId ?? asked;
  const keyNow = () => (memberId === undefined ? keyring.issuingAuthority() : keyring.ownedBy(memberId));
  const [key, rootDer] = await Promise.all([keyNow(), keyring.rootDer()]);
  const signer: SignerSpec =
    memberId === undefined
      ? { kind: "one-use", authority: key, rootDer: key.anchorDer ?? rootDer, subject: subjectOf(person) }
      : { kind: "kept", key, rootDer: key.anchorDer ?? rootDer };
  return { signing: { signer, name: oneLine(person.name), reason: consentSentences[language] }, keyNow };
}

/** What was revoked meanwhile throws as if it had been so before; what was replaced is tried again. */
async function mustHold(signer: SignerSpec, keyNow: () => Promise<KeyMaterial>): Promise<void> {
  const { keyId } = signer.kind === "kept" ? signer.key : signer.authority;
  if ((await keyNow()).keyId !== keyId) throw new Retryable("key_replaced");
}

function subjectOf({ name, firstName, lastName }: Person): { givenName: string; surname: string } {
  const words = oneLine(name).split(" ");
  return {
    givenName: oneLine(firstName ?? words[0] ?? ""),
    surname: oneLine(lastName ?? words.slice(1).join(" ")),
  };
}

async function signAll(
  deps: SignDeps,
  { level, complete }: { level: PadesLevel; complete: boolean },
  documents: readonly CollecteDocument[],
  signingOf: (document: CollecteDocument) => Omit<SignTask, "path" | "bytes" | "outPath">,
  mayBeKept: () => Promise<void>,
): Promise<Signed[]> {
  const tasks = documents.map((document) => ({ document, outPath: deps.blobs.temporaryPath() }));
  const borrowed: BorrowedBlob[] = [];
  try {
    const signed = await allOrFirstFailure(
      tasks.map(async ({ document, outPath }): Promise<Signed> => {
        const { head, bytes } = document;
        const blob = await deps.blobs.borrow(head);
        borrowed.push(blob);
        const { path } = blob;
        const task: SignTask = { path, bytes, sha256: head, outPath, share: true, ...signingOf(document) };
        let result = await deps.signAtLevel(task, level, { complete });
        // It came with somebody else's signature: ours then approves.
        if (!result.ok && result.code === "certify_not_first")
          result = await deps.signAtLevel({ ...task, certify: false }, level, { complete });
        if (!result.ok) throw failure(result.code);
        // What was read back is what is claimed: a level that was not reached is no signature yet.
        if (result.level !== level) throw failure("level_not_reached");
        // The worker hashed what it read: other bytes under this name mean a damaged disk, not a document to sign.
        if (result.before !== document.head) throw new Terminal("blob_damaged");
        return { document, outPath, result };
      }),
    );
    await mayBeKept();
    await allOrFirstFailure(signed.map(({ outPath, result }) => adopt(deps, outPath, result.sha256)));
    return signed;
  } catch (error) {
    await Promise.all(tasks.map(({ outPath }) => deps.blobs.discard(outPath)));
    throw error;
  } finally {
    await Promise.all(borrowed.map((blob) => blob.release()));
  }
}

/** Whatever a disk refuses now it may take later. */
async function adopt({ blobs }: SignDeps, outPath: string, sha256: string): Promise<void> {
  try {
    await blobs.adopt(outPath, sha256);
  } catch (cause) {
    throw cause instanceof Retryable ? cause : new Retryable("file_inaccessible", { cause });
  }
}

/** Waits for all of them even when one fails: nobody may still be writing a file that is then removed. */
async function allOrFirstFailure<T>(promises: Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

function failure(code: string): Retryable | Terminal | Unexplained {
  if (passing.has(code)) return new Retryable(code);
  return unexplained.has(code) ? new Unexplained(code) : new Terminal(code);
}
