import type { Command, CreateCollecte } from "../../src/actors/collecte/commands.ts";
import { consentSentences } from "../../src/actors/collecte/consent.ts";
import { documentHeads } from "../../src/actors/collecte/state.ts";
import { wordFrom } from "../../src/actors/runtime/ids.ts";
import type { CollecteView, LinkTarget, Outcome } from "../../src/actors/runtime/ports.ts";
import { digestOf, type FreshOtp } from "../../src/actors/runtime/secrets.ts";
import type { EngineProcess, Site } from "./engine.ts";
import { poison } from "./names.ts";

/** Why a request came back without an outcome that can be kept. */
export class NotServed extends Error {}

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
    command: CreateCollecte | { type: "LaunchCollecte" },
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

  async #view({ firmId, collecteId }: Session): Promise<CollecteView> {
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
