import { awaitedOf } from "../../src/actors/collecte/awaited.ts";
import type {
  Command,
  CreateCollecte,
  RecordNotification,
  ReviseDraft,
} from "../../src/actors/collecte/commands.ts";
import { consentSentences } from "../../src/actors/collecte/consent.ts";
import type { PreparerCommand } from "../../src/actors/collecte/preparer-commands.ts";
import { type Collecte, documentHeads } from "../../src/actors/collecte/state.ts";
import { downloadGeneration } from "../../src/actors/collecte/told.ts";
import { wordFrom } from "../../src/actors/runtime/ids.ts";
import type { CollecteView, LinkTarget, Outcome } from "../../src/actors/runtime/ports.ts";
import { digestOf, type FreshOtp } from "../../src/actors/runtime/secrets.ts";
import type { EngineProcess, Site } from "./engine.ts";
import { poison } from "./names.ts";

/** Why a request came back without an outcome that can be kept. */
export class NotServed extends Error {}

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** What a preparer orders: when is the door's to say. */
export type Order = Without<PreparerCommand, "at">;

/** Somebody's request, made anew at each try as src/http makes it: same key, new instant, new code. */
export type Request = (door: Door) => Promise<Outcome>;

/** The door of one process, without HTTP: what src/http does between a request and the mailbox. */
export class Door {
  readonly #site: Site;
  readonly #process: EngineProcess;

  constructor(site: Site, process: EngineProcess) {
    this.#site = site;
    this.#process = process;
  }

  firmAct(
    messageId: string,
    actorId: string,
    firmId: string,
    command: CreateCollecte | ReviseDraft | { type: "LaunchCollecte" } | Without<PreparerCommand, "at">,
  ) {
    const { at: _, ...body } = command as Command;
    const fingerprint = digestOf(JSON.stringify(body));
    return this.#accept(messageId, actorId, firmId, { ...command, at: this.#now() } as Command, fingerprint);
  }

  /** Exchanges a link's token. */
  async follow(token: string): Promise<LinkTarget> {
    const target = await this.#process.reads.link(digestOf(token));
    if (!target) {
      this.#site.world.violate("a link that was sent leads somewhere", token);
      throw new NotServed("link");
    }
    return target;
  }

  async consent(messageId: string, session: Session): Promise<Outcome> {
    const { state } = await this.#view(session);
    this.#site.judge.follows(session.sessionId, session.generation);
    const fresh = freshOtp(this.#site, messageId);
    return this.#accept(messageId, session.collecteId, session.firmId, {
      type: "GiveConsent",
      ...whoOf(session),
      sessionId: session.sessionId,
      documents: documentHeads(state),
      consentText: consentSentences.fr,
      otp: { ...fresh, id: otpIdOf(session, messageId) },
      at: this.#now(),
      personal: { trace: {} },
    });
  }

  async sign(messageId: string, session: Session, otpId: string, code: string): Promise<Outcome> {
    const { state } = await this.#view(session);
    const otp = state.signatories[session.personId]?.otp;
    return this.#accept(messageId, session.collecteId, session.firmId, {
      type: "SignDocuments",
      ...whoOf(session),
      sessionId: session.sessionId,
      otpId,
      mac: otp ? this.#site.secrets.otpMac(otp.salt, code) : "",
      at: this.#now(),
      personal: { trace: {} },
    });
  }

  refuse(messageId: string, session: Session, isPoison: boolean): Promise<Outcome> {
    return this.#accept(messageId, session.collecteId, session.firmId, {
      type: "RefuseToSign",
      ...whoOf(session),
      at: this.#now(),
      personal: { trace: isPoison ? { userAgent: poison } : {} },
    });
  }

  /** A member signs by their parapheur, whose code this simulation does not play. */
  async signAsMember(messageId: string, session: Session, memberId: string): Promise<Outcome> {
    const { state } = await this.#view(session);
    return this.#accept(messageId, session.collecteId, session.firmId, {
      type: "SignAsMember",
      signatoryId: session.personId,
      memberId,
      sessionId: "parapheur",
      otpId: messageId,
      documents: documentHeads(state),
      consentText: consentSentences.fr,
      at: this.#now(),
      personal: { trace: {} },
    });
  }

  /** Has the seal made that waits for this member, if there is one. */
  async approve(messageId: string, at: Place, memberId: string): Promise<Outcome> {
    const { state } = await this.#view(at);
    const awaited = awaitedOf(state).find((one) => one.memberId === memberId && one.act === "seal");
    return this.#accept(messageId, at.collecteId, at.firmId, {
      type: "SealAsMember",
      seal: Number(awaited?.key ?? -1),
      memberId,
      sessionId: "parapheur",
      otpId: messageId,
      documents: documentHeads(state),
      at: this.#now(),
      personal: { trace: {} },
    });
  }

  /** Serves the finished documents, and puts the access on the record, whatever becomes of that. */
  async download(messageId: string, session: Session): Promise<"served" | "gone"> {
    const { state } = await this.#view(session);
    const isAlive = downloadGeneration(state, session.personId) === session.generation;
    if (state.status !== "completed" || state.purgingAt !== undefined || !isAlive) return "gone";
    await this.#accept(messageId, session.collecteId, session.firmId, {
      type: "RecordAccess",
      personId: session.personId,
      sessionId: session.sessionId,
      act: "downloaded",
      documents: state.documents.map(({ id }) => id),
      at: this.#now(),
      personal: { trace: {} },
    });
    return "served";
  }

  /** What a gateway tells later of a notice. */
  receipt(messageId: string, { collecteId, firmId }: Place, notice: Receipt): Promise<Outcome> {
    const command = { type: "RecordNotification", ...notice, at: this.#now() } as const;
    return this.#accept(messageId, collecteId, firmId, command);
  }

  async state(at: Place): Promise<Collecte> {
    return (await this.#view(at)).state;
  }

  async #view({ firmId, collecteId }: Place): Promise<CollecteView> {
    const view = await this.#process.reads.collecte(firmId, collecteId);
    if (view) return view;
    this.#site.world.violate("what was acknowledged is in the record", `${collecteId} is not found`);
    throw new NotServed("not_found");
  }

  #accept(
    id: string,
    actorId: string,
    firmId: string,
    command: Command,
    fingerprint?: string,
  ): Promise<Outcome> {
    const named = { id, actorId, kind: "collecte", firmId, command };
    return this.#process.runtime.committer.accept(
      fingerprint === undefined ? named : { ...named, fingerprint },
    );
  }

  #now(): number {
    return this.#site.world.clock.now();
  }
}

/** Where a collecte is. */
export interface Place {
  collecteId: string;
  firmId: string;
}

export type Receipt = Omit<RecordNotification, "type" | "at">;

export interface Session extends LinkTarget {
  sessionId: string;
}

/** The id that a repeated request is answered with: that of the code that the first one sent. */
export function otpIdOf({ sessionId }: Session, messageId: string): string {
  return wordFrom(sessionId, messageId);
}

function whoOf({ personId, generation }: Session): { signatoryId: string; linkGeneration: number } {
  return { signatoryId: personId, linkGeneration: generation };
}

function freshOtp({ world, outside, secrets }: Site, messageId: string): FreshOtp {
  const code = String(world.random.between(0, 999_999)).padStart(6, "0");
  const salt = outside.fresh("salt-");
  return { id: messageId, salt, mac: secrets.otpMac(salt, code), sealedCode: `sealed ${code}` };
}
