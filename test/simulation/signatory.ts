import type { MailMessage, Sms } from "../../src/actors/runtime/ports.ts";
import type { Client, Final } from "./client.ts";
import { otpIdOf, type Session } from "./door.ts";
import type { Temper } from "./story.ts";

/** How a signatory's part ended, as they know it. */
export type Ending = "signed" | "refused" | "locked" | "ended" | "silent" | "gave up";

const minute = 60_000;
const mostRounds = 30;
const mostLocks = 12;
const smsPatienceMs = 3 * minute;

/** Refusals after which there is nothing more for this signatory to do. */
const lastWords: Readonly<Record<string, Ending>> = {
  already_signed: "signed",
  signature_in_progress: "signed",
  collecte_ended: "ended",
  signatory_locked: "locked",
};

/** A person with a mailbox, a phone and a temper. */
export class Signatory {
  readonly #name: string;
  readonly #collecteId: string;
  readonly personId: string;
  readonly #temper: Temper;
  readonly #client: Client;
  readonly #codes = new Map<string, string>();
  #token: string | undefined;
  #mailComes: () => void = () => undefined;
  /** The link that they have works no more: they wait for another. */
  #isStranded = false;
  #locks = 0;
  #downloads = 0;
  readonly #memberId: string | undefined;
  #phoneRings: () => void = () => undefined;
  #count = 0;
  ending: Ending | undefined;

  /** `memberId`: of a member who signs in their parapheur. */
  constructor(collecteId: string, personId: string, temper: Temper, client: Client, memberId?: string) {
    this.#collecteId = collecteId;
    this.personId = personId;
    this.#name = `${collecteId}:${personId}`;
    this.#temper = temper;
    this.#client = client;
    this.#memberId = memberId;
  }

  gets({ text }: MailMessage): void {
    const token = /\/sign#([\w-]+)/.exec(text)?.[1];
    if (token !== undefined) this.#token = token;
    this.#mailComes();
    const download = /\/download#([\w-]+)/.exec(text)?.[1];
    if (download !== undefined) void this.#downloadsFrom(download);
  }

  /** The code is kept under the reference that its SMS shows. */
  hears({ text }: Sms): void {
    const [, code = "", reference = ""] = /est (\d{6}) \(réf\. (\w{4})\)/.exec(text) ?? [];
    this.#codes.set(reference, code);
    this.#phoneRings();
  }

  async play(): Promise<void> {
    const { world } = this.#client.site;
    let session = await this.#follows(await this.#another(undefined));
    if (!session) return;
    if (this.#temper === "poisonous") {
      // Nobody waits for what can't be decided: the others, and this one, go on beside it.
      const id = this.#fresh("poison");
      const { living } = { living: session };
      void this.#insist(id, (door) => door.refuse(id, living, true));
    }
    for (let round = 0; round < mostRounds && this.ending === undefined; round++) {
      if (this.#isStranded) session = await this.#follows(await this.#another(session.token));
      if (!session) return;
      this.#isStranded = false;
      this.ending = await (this.#temper === "refusing" ? this.#refuses(session) : this.#signs(session));
    }
    this.ending ??= "gave up";
    world.note(`  ${this.#name}: ${this.ending}`);
  }

  /** Waits for a link that is not this one. */
  async #another(token: string | undefined): Promise<string> {
    while (this.#token === undefined || this.#token === token) {
      await new Promise<void>((resolve) => {
        this.#mailComes = resolve;
      });
    }
    return this.#token;
  }

  async #follows(token: string): Promise<(Session & { token: string }) | undefined> {
    if (this.#temper === "silent") {
      this.ending = "silent";
      return undefined;
    }
    await this.#thinks();
    const target = await this.#client.read(`${this.#name} follows`, (door) => door.follow(token));
    return { ...target, token, sessionId: `session of ${this.#name} ${target.generation}` };
  }

  /** At once, the next day, or when everything is gone. */
  async #downloadsFrom(token: string): Promise<void> {
    const { world } = this.#client.site;
    const id = `${this.#name}:download-${++this.#downloads}`;
    await world.sleep(world.random.pick([minute, 24 * 60 * minute, 40 * 24 * 60 * minute]), `${id} begins`);
    const target = await this.#client.read(`${id} follows`, (door) => door.follow(token));
    const session = { ...target, sessionId: `session of ${id}` };
    const told = await this.#client.read(id, (door) => door.download(id, session));
    world.note(`  ${id}: ${told}`);
  }

  /** What an answer means to who is asked to sign. */
  #hearsThat(code: string): Ending | undefined {
    if (code === "link_dead" || code === "out_of_turn") this.#isStranded = true;
    // Somebody may unlock them; they wait a while.
    if (code === "signatory_locked" && ++this.#locks < mostLocks) return undefined;
    return lastWords[code];
  }

  /** After a look at the documents, which may last until their link is somebody else's. */
  async #refuses(session: Session): Promise<Ending | undefined> {
    await this.#sleep(this.#client.site.world.random.pick([1_000, 60 * minute, 30 * 60 * minute]));
    const id = this.#fresh("refuse");
    const told = await this.#insist(id, (door) => door.refuse(id, session, false));
    if (told.status === "done") return "refused";
    // Another's signature is being made: this one asks again.
    if (told.code === "signature_in_progress") return void (await this.#sleep(2 * minute));
    return this.#hearsThat(told.code);
  }

  async #signs(session: Session): Promise<Ending | undefined> {
    const { random } = this.#client.site.world;
    if (this.#memberId !== undefined && random.chance(0.5))
      return this.#signsAsMember(session, this.#memberId);
    const asked = this.#fresh("consent");
    const told = await this.#insist(asked, (door) => door.consent(asked, session));
    if (told.status === "refused") {
      await this.#sleep(told.facts["retryAfterSeconds"] ? told.facts["retryAfterSeconds"] * 1000 : 1_000);
      if (told.code === "signatory_locked") await this.#sleep(5 * 60 * minute);
      return this.#hearsThat(told.code);
    }
    const otpId = otpIdOf(session, asked);
    const code = await this.#codeOf(otpId);
    if (code === undefined) return undefined;
    await this.#thinks();
    const slips = this.#temper === "clumsy" ? this.#client.site.world.random.between(0, 5) : 0;
    for (let i = 0; i < slips; i++) {
      const wrong = await this.#types(session, otpId, code === "000000" ? "000001" : "000000");
      if (wrong.status === "refused" && wrong.code !== "otp_wrong") return this.#hearsThat(wrong.code);
    }
    const signed = await this.#types(session, otpId, code);
    return signed.status === "done" ? "signed" : this.#hearsThat(signed.code);
  }

  async #signsAsMember(session: Session, memberId: string): Promise<Ending | undefined> {
    const id = this.#fresh("parapheur");
    const told = await this.#insist(id, (door) => door.signAsMember(id, session, memberId));
    if (told.status === "done") return "signed";
    await this.#sleep(minute);
    return this.#hearsThat(told.code);
  }

  #types(session: Session, otpId: string, code: string): Promise<Final> {
    const id = this.#fresh("sign");
    return this.#insist(id, (door) => door.sign(id, session, otpId, code));
  }

  /** Undefined when no SMS came in time. */
  async #codeOf(otpId: string): Promise<string | undefined> {
    const { world } = this.#client.site;
    const reference = otpId.slice(0, 4);
    const end = world.now + smsPatienceMs;
    while (!this.#codes.has(reference) && world.now < end) {
      await new Promise<void>((resolve) => {
        this.#phoneRings = resolve;
        world.schedule(world.outside, `${this.#name} looks at the phone`, smsPatienceMs, resolve);
      });
    }
    return this.#codes.get(reference);
  }

  #insist(id: string, request: Parameters<Client["insist"]>[2]): Promise<Final> {
    return this.#client.insist(id, this.#collecteId, request);
  }

  #fresh(what: string): string {
    return `${this.#name}:${what}-${++this.#count}`;
  }

  #thinks(): Promise<void> {
    return this.#sleep(this.#client.site.world.random.pick([1_000, 10_000, 5 * minute, 40 * minute]));
  }

  #sleep(ms: number): Promise<void> {
    return this.#client.site.world.sleep(ms, `${this.#name} acts`);
  }
}
