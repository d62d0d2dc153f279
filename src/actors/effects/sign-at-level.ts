import { Awaiting, Retryable } from "../runtime/errors.ts";
import type {
  Draft,
  Gathered,
  LevelPool,
  PadesLevel,
  ProvenSignature,
  RevocationEvidence,
  RevocationSource,
  SignatureToProve,
  SignResult,
  SignTask,
  StampedFailure,
  StampedPool,
  StampingUnit,
  StepFailure,
  Tsa,
} from "../runtime/ports.ts";

/** Who is asked on the way to a level. */
export interface LevelDeps {
  pool: LevelPool;
  tsa: Tsa;
  /** When the TSA is our own: documents that get all their tokens from it are stamped where they are made. */
  own?: { pool: StampedPool; unit(): Promise<StampingUnit> };
  revocation: RevocationSource;
  /** Ours and the TSA's: what it stamps, and what we signed before, is read back as well. */
  anchors(): Promise<readonly Uint8Array[]>;
}

/**
 * Signs at a level. `complete`: no signature follows this one, so that from B-LT on the document gets the evidence
 * for all of them; before it, a signature gets its own timestamp, and is B-T. Answers failures of the document and of
 * the machine as values; throws `Awaiting` when the TSA or an authority can't be asked, and then nothing is left.
 */
export type SignAtLevel = (
  task: SignTask,
  level: PadesLevel,
  of: { complete: boolean },
) => Promise<SignResult>;

/** Room for the tokens of a TSA of which none was seen yet: one with a chain of three RSA certificates. */
const firstTokenBytes = 8_192;
const triesOfStamp = 3;
/** A token's size varies by its serial number and its signature. */
const spareBytes = 64;

type Done = { ok: true };

/** What each TSA's tokens need is learnt from them. */
export function createSignAtLevel({ pool, tsa, own, revocation, anchors }: LevelDeps): SignAtLevel {
  let tokenBytes = firstTokenBytes;
  let seen = 0;

  const prepare = (task: SignTask) => () => pool.prepare(task, tokenBytes);

  return async (asked, level, { complete }) => {
    if (level === "B-B") return pool.sign(asked);
    const task = { ...asked, trustDer: await anchors() };
    if (level === "B-T" || !complete)
      return stamped<SignResult & Done>(prepare(task), (draft, token) => pool.finish(task, draft, token));
    if (own !== undefined && level === "B-LTA") return stampedByUnit(own, task);
    const gathered = await stamped<Gathered>(prepare(task), (draft, token) =>
      pool.gather(task, draft, token),
    );
    if (!gathered.ok) return gathered;
    const evidence = await evidenceFor(revocation, gathered.signatures);
    if (level === "B-LT") {
      const draft = await pool.archive(task, gathered.draft, evidence);
      return draft.ok ? pool.finish(task, draft) : draft;
    }
    return stamped<SignResult & Done>(
      () => pool.archive(task, gathered.draft, evidence, tokenBytes),
      (draft, token) => pool.finish(task, draft, token),
    );
  };

  async function stampedByUnit(
    { pool: threads, unit: ask }: NonNullable<LevelDeps["own"]>,
    task: SignTask,
  ): Promise<SignResult> {
    const unit = () => ask().catch(awaiting("timestamp_pending"));
    const gathered = await fitting(async () => threads.gatherStamped(task, tokenBytes, await unit()));
    if (!gathered.ok) return gathered;
    learn(gathered.tokenBytes);
    const evidence = await evidenceFor(revocation, gathered.signatures);
    return fitting<SignResult & Done>(async () =>
      threads.finishStamped(task, gathered.draft, evidence, tokenBytes, await unit()),
    );
  }

  /** As `stamped`, where tokens are made in the step itself. */
  async function fitting<T extends Done>(step: () => Promise<T | StampedFailure>): Promise<T | StepFailure> {
    let done = await step();
    if (!done.ok && done.code === "token_too_large") {
      learn(done.tokenBytes ?? firstTokenBytes);
      done = await step();
    }
    // The document is none the worse: it waits for the unit.
    if (!done.ok && done.isOfUnit === true) awaiting("timestamp_pending")(new Retryable(done.code));
    return done;
  }

  /** A token that does not fit its place costs a revision made anew, and another token: once a TSA. */
  async function stamped<T extends Done>(
    make: () => Promise<Draft | StepFailure>,
    use: (draft: Draft, token: Uint8Array) => Promise<T | StepFailure>,
  ): Promise<T | StepFailure> {
    const draft = await make();
    if (!draft.ok) return draft;
    const token = await stamp(draft);
    const used = await use(draft, token);
    if (used.ok || used.code !== "token_too_large") return used;
    const again = await make();
    return again.ok ? use(again, await stamp(again)) : again;
  }

  async function stamp({ awaited }: Draft): Promise<Uint8Array> {
    if (awaited === undefined) throw new RangeError("nothing to be stamped");
    const token = await triedAgain(() => tsa.stamp(awaited.imprint)).catch(awaiting("timestamp_pending"));
    learn(token.length);
    return token;
  }

  function learn(bytes: number): void {
    seen = Math.max(seen, bytes);
    tokenBytes = seen + spareBytes;
  }
}

/**
 * Evidence for all signatures, each chain asked for once. What authorities of others can't or won't say leaves their
 * signatures at the level that they have; ours are not finished without it.
 */
async function evidenceFor(
  revocation: RevocationSource,
  signatures: readonly SignatureToProve[],
): Promise<ProvenSignature[]> {
  const asked = new Map<string, Promise<RevocationEvidence>>();
  const ask = (chain: Uint8Array[]): Promise<RevocationEvidence> => {
    const key = chain.map((der) => Buffer.from(der).toString("base64")).join();
    const answer = asked.get(key) ?? revocation.evidenceFor(chain);
    asked.set(key, answer);
    return answer;
  };
  const last = signatures.length - 1;
  return Promise.all(
    signatures.map(async ({ contents, isOurs, chains }, i): Promise<ProvenSignature> => {
      const needed = isOurs || i === last;
      const found = await Promise.all(
        chains.map((chain) => ask(chain).catch(needed ? awaiting("evidence_pending") : nothingSaid)),
      );
      return {
        contents,
        certificates: chains.flat(),
        crls: found.flatMap(({ crls }) => crls),
        ocsps: found.flatMap(({ ocsps }) => ocsps),
      };
    }),
  );
}

/**
 * A collecte's documents are signed all or none: of many timestamps one that fails by bad luck would have all the others
 * made again. A TSA that says when to come back is not asked before.
 */
async function triedAgain<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      const isPassing = error instanceof Retryable && error.retryAfterMs === undefined;
      if (!isPassing || tries === triesOfStamp) throw error;
    }
  }
}

function awaiting(pending: Awaiting["pending"]): (error: unknown) => never {
  return (error) => {
    throw error instanceof Retryable ? new Awaiting(pending, error) : error;
  };
}

function nothingSaid(error: unknown): RevocationEvidence {
  if (error instanceof Retryable) return { crls: [], ocsps: [] };
  throw error;
}
