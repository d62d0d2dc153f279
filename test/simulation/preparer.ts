import { stepsLeft } from "../../src/actors/collecte/order-change.ts";
import { awaitedNow, type Collecte, type Step } from "../../src/actors/collecte/state.ts";
import type { MailMessage } from "../../src/actors/runtime/ports.ts";
import type { Client, Final } from "./client.ts";
import type { Order, Place } from "./door.ts";
import type { Random } from "./random.ts";
import type { World } from "./world.ts";

const second = 1_000;
const hour = 3_600 * second;
const by = { keyId: "key_1" };

/** Whose address is whose. */
export interface AddressBook {
  /** Somebody new. */
  meets(address: string): void;
  /** Somebody has another one too. */
  moves(from: string, to: string): void;
}

/** Whoever prepared a collecte, and does not let it go its way. */
export class Preparer {
  /** How many of their orders were taken. */
  upheavals = 0;
  hasCancelled = false;
  readonly #place: Place;
  readonly #client: Client;
  readonly #world: World;
  readonly #book: AddressBook;
  #count = 0;

  constructor(place: Place, client: Client, book: AddressBook) {
    this.#place = place;
    this.#client = client;
    this.#world = client.site.world;
    this.#book = book;
  }

  async play(isBusy: boolean): Promise<void> {
    const { random } = this.#world;
    const acts = isBusy ? random.between(1, 5) : 0;
    for (let i = 0; i < acts; i++) {
      await this.#world.sleep(random.pick([second, 60 * second, hour, 30 * hour]), `${this.#name} looks`);
      const state = await this.#client.read(`${this.#name}:look-${i}`, (door) => door.state(this.#place));
      if (state.status !== "launched") return;
      const order = this.#whim(state, random);
      if (order) await this.#orders(order);
    }
  }

  /** What they can mend, they mend. */
  gets({ subject }: MailMessage): void {
    if (subject.startsWith("Signataire bloqué")) void this.#mends("UnlockSignatory");
    if (subject.startsWith("Signature en panne")) void this.#mends("RetrySigning");
  }

  async #mends(type: "UnlockSignatory" | "RetrySigning"): Promise<void> {
    const { random } = this.#world;
    if (random.chance(0.3)) return;
    await this.#world.sleep(random.pick([second, hour, 30 * hour]), `${this.#name} mends`);
    if (type === "RetrySigning") return void (await this.#orders({ type, by }));
    const id = `${this.#name}:look-${++this.#count}-again`;
    const { signatories } = await this.#client.read(id, (door) => door.state(this.#place));
    for (const { id: signatoryId, locked } of Object.values(signatories))
      if (locked) await this.#orders({ type, signatoryId, by });
  }

  /** Mends the address that a bounce told of. A member's is changed where members are, and they stand in for themselves. */
  corrects(personId: string, { personal, signatories }: Collecte, email: string): Promise<unknown> {
    const memberId = signatories[personId]?.memberId;
    const person = personal.people[personId];
    if (memberId === undefined || person === undefined || signatories[personId]?.status === "signed")
      return this.#orders({ type: "CorrectPerson", personId, by, personal: { email } });
    const replaced = { person: { ...person, email } };
    return this.#orders({
      type: "ReplaceSignatory",
      signatoryId: personId,
      memberId,
      by,
      personal: replaced,
    });
  }

  #whim(state: Collecte, random: Random): Order | undefined {
    const signatoryId = random.pick([...Object.keys(state.signatories), ...awaitedNow(state), "s1"]);
    const address = `new${++this.#count}@${this.#place.collecteId}.example`;
    switch (
      random.pick(["order", "order", "replace", "correct", "remind", "remind", "unlock", "retry", "cancel"])
    ) {
      case "order":
        return { type: "ChangeOrder", steps: shuffled(stepsLeft(state), random), by };
      case "replace": {
        this.#book.meets(address);
        const phone = `${this.#place.collecteId} ${address}`;
        return {
          type: "ReplaceSignatory",
          signatoryId,
          by,
          personal: { person: { name: "Noé", email: address, phone } },
        };
      }
      case "correct":
        this.#book.moves(state.personal.people[signatoryId]?.email ?? "", address);
        return { type: "CorrectPerson", personId: signatoryId, by, personal: { email: address } };
      case "remind":
        return { type: "RemindSignatories", by };
      case "unlock":
        return { type: "UnlockSignatory", signatoryId, by };
      case "retry":
        return { type: "RetrySigning", by };
      default:
        return random.chance(0.3)
          ? { type: "CancelCollecte", by, personal: { reason: "a whim" } }
          : undefined;
    }
  }

  async #orders(order: Order): Promise<Final> {
    const id = `${this.#name}:${order.type}-${++this.#count}`;
    const { collecteId, firmId } = this.#place;
    const told = await this.#client.insist(id, collecteId, (door) =>
      door.firmAct(id, collecteId, firmId, order),
    );
    if (told.status === "done") {
      this.upheavals++;
      if (order.type === "CancelCollecte") this.hasCancelled = true;
    }
    return told;
  }

  get #name(): string {
    return `${this.#place.collecteId}:preparer`;
  }
}

function shuffled(left: Step[], random: Random): Step[] {
  const parted = random.chance(0.3)
    ? left.flatMap((step): Step[] =>
        "seal" in step ? [step] : step.signatories.map((id) => ({ signatories: [id] })),
      )
    : left;
  return parted
    .map((step) => ({ step, place: random.next() }))
    .sort((one, other) => one.place - other.place)
    .map(({ step }) => step);
}
