import { Retryable } from "../../src/actors/runtime/errors.ts";
import type {
  Draft,
  LevelPool,
  PadesLevel,
  RevocationSource,
  SignResult,
  StepFailure,
  Tsa,
} from "../../src/actors/runtime/ports.ts";
import { digest } from "./names.ts";
import type { Outside } from "./outside.ts";
import { lengthOf, type Mortal, port } from "./port.ts";
import type { World } from "./world.ts";

/** What a simulated revision holds, and so what a check of the file finds. */
interface Revision {
  isStamped?: boolean;
  hasEvidence?: boolean;
  isArchived?: boolean;
}

const tsaCodes = [
  "tsa_unreachable",
  "tsa_timeout",
  "tsa_wrong_nonce",
  "tsa_wrong_imprint",
  "tsa_certificate_invalid",
];

/** A TSA that is away for long, hangs, or whose lies its client does not find out. */
export function tsaOf(world: World, owner: Mortal): Tsa {
  return {
    stamp: (imprint) => {
      const lies = world.faults.strikes("tsaLies", "tsa");
      const said = lies ? "something else" : Buffer.from(imprint).toString("hex");
      return port(world, owner, "tsa.stamp", () => Buffer.from(said), {
        before: "tsaFails",
        failure: () => new Retryable(world.random.pick(tsaCodes)),
        leastMs: lengthOf(world, "tsa"),
      });
    },
  };
}

/** Authorities that are away, or have nothing to say. */
export function revocationOf(world: World, owner: Mortal): RevocationSource {
  return {
    evidenceFor: () => {
      const isMute = world.faults.strikes("evidenceMissing", "authority");
      const work = () => ({ crls: [], ocsps: isMute ? [] : [Buffer.from("good")] });
      return port(world, owner, "authority.evidence", work, {
        before: "evidenceFails",
        failure: () => new Retryable("evidence_missing"),
      });
    },
  };
}

/** The steps of signing: what is claimed of a file is what these revisions hold. */
export function levelPoolOf(world: World, outside: Outside, owner: Mortal): LevelPool {
  const step = <T>(name: string, path: string, work: () => T): Promise<T | StepFailure> => {
    const failing = (): T | StepFailure => {
      if (world.faults.strikes("signRefused", path)) return { ok: false, code: "document_damaged" };
      if (world.faults.strikes("signFails", path))
        return { ok: false, code: world.random.pick(["worker_crashed", "pool_closed", "disk_full"]) };
      return outside.blobs.has(path) ? work() : { ok: false, code: "file_missing" };
    };
    const leastMs = lengthOf(world, path);
    return port(world, owner, `pool.${name} ${path.slice(0, 8)}`, failing, { leastMs });
  };
  const draft = (path: string, revision: Revision, isAwaiting: boolean): Draft => {
    const imprint = Buffer.from(digest(outside.fresh(path)), "hex");
    const awaited = { imprint, contentsStart: 0, contentsHexLength: 0 };
    const tail = Buffer.from(JSON.stringify(revision));
    const certificateDer = new Uint8Array();
    return { ok: true, before: path, tail, certificateDer, ...(isAwaiting && { awaited }) };
  };
  const finished = (path: string, outPath: string, revision: Revision): SignResult => {
    // Each try has a key and a time of its own, so no two revisions are the same bytes.
    const sha256 = digest(outside.fresh(path));
    const level = levelOf(revision);
    outside.temporary.set(outPath, { sha256, level });
    return {
      ok: true,
      sha256,
      bytes: 2_000,
      revisionBytes: 1_000,
      before: path,
      certificate: { sha256: "c".repeat(64), serialHex: "0a" },
      level,
      fieldName: "Signature1",
    };
  };
  return {
    sign: ({ path, outPath }) => step("sign", path, () => finished(path, outPath, {})),
    prepare: ({ path }) => step("prepare", path, () => draft(path, {}, true)),
    gather: ({ path }, of, token) =>
      step("gather", path, () => {
        const chains = [[new Uint8Array([1])], [new Uint8Array([2])]];
        const signatures = [{ contents: new Uint8Array(), isOurs: true, chains }];
        return { ok: true, draft: draft(path, { isStamped: isFor(of, token) }, false), signatures };
      }),
    archive: ({ path }, of, evidence, tokenBytes) =>
      step("archive", path, () => {
        const hasEvidence = evidence.every(({ ocsps }) => ocsps.length === 2);
        return draft(path, { ...read(of), hasEvidence }, tokenBytes !== undefined);
      }),
    finish: ({ path, outPath }, of, token) =>
      step("finish", path, () => {
        const revision = read(of);
        const isLast = revision.hasEvidence !== undefined;
        const stamp = token !== undefined && isFor(of, token);
        return finished(path, outPath, {
          ...revision,
          ...(isLast ? { isArchived: stamp } : { isStamped: stamp }),
        });
      }),
  };
}

const read = ({ tail }: Draft): Revision => JSON.parse(Buffer.from(tail).toString());

const isFor = ({ awaited }: Draft, token: Uint8Array): boolean =>
  awaited !== undefined && Buffer.from(token).toString() === Buffer.from(awaited.imprint).toString("hex");

function levelOf({ isStamped, hasEvidence, isArchived }: Revision): PadesLevel {
  if (isStamped !== true) return "B-B";
  if (hasEvidence !== true) return "B-T";
  return isArchived === true ? "B-LTA" : "B-LT";
}
