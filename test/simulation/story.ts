import type { CreateCollecte } from "../../src/actors/collecte/commands.ts";
import { padesLevels } from "../../src/actors/collecte/levels.ts";
import type { Step, Terms } from "../../src/actors/collecte/state.ts";
import type { MailMessage } from "../../src/actors/runtime/ports.ts";
import { Approver } from "./approver.ts";
import type { Client } from "./client.ts";
import { digest } from "./names.ts";
import type { Outside } from "./outside.ts";
import { Preparer } from "./preparer.ts";
import type { Random } from "./random.ts";
import { type Ending, Signatory } from "./signatory.ts";
import type { World } from "./world.ts";

export type Temper = "willing" | "clumsy" | "refusing" | "silent" | "poisonous";

const day = 86_400_000;

/** One collecte from the outside: who makes it, who is to sign, and what each of them will do. */
export class Story {
  readonly id: string;
  readonly firmId: string;
  readonly command: CreateCollecte;
  readonly signatories: Signatory[] = [];
  readonly preparer: Preparer;
  /** Who reads which mailbox. */
  readonly byAddress = new Map<string, { gets(mail: MailMessage): void }>();
  readonly byPhone = new Map<string, Signatory>();
  wasLaunched = false;
  readonly #client: Client;
  readonly #world: World;

  constructor(id: string, client: Client, outside: Outside) {
    const { world } = client.site;
    this.id = id;
    this.#client = client;
    this.#world = world;
    this.firmId = world.random.pick(["firm-a", "firm-b"]);
    this.command = draft(id, this.firmId, world.random);
    for (const { sha256 } of this.command.documents) outside.blobs.set(sha256, "B-B");
    const { people } = this.command.personal;
    for (const [personId, { email, phone }] of Object.entries(people)) {
      if (personId.startsWith("a")) this.byAddress.set(email, new Approver(this, personId, client));
      else this.#meets(personId, email, phone, personId.startsWith("c") ? "silent" : temperOf(world));
    }
    this.preparer = new Preparer({ collecteId: id, firmId: this.firmId }, client, {
      meets: (address) => void this.#meets(address, address, `${id} ${address}`, temperOf(world)).play(),
      moves: (from, to) => {
        const reader = this.byAddress.get(from);
        if (reader) this.byAddress.set(to, reader);
      },
    });
  }

  #meets(personId: string, email: string, phone: string | undefined, temper: Temper): Signatory {
    const signatory = new Signatory(this.id, personId, temper, this.#client, this.command.members[personId]);
    this.byAddress.set(email, signatory);
    if (phone === undefined) return signatory;
    this.byPhone.set(phone, signatory);
    this.signatories.push(signatory);
    return signatory;
  }

  /** Gives somebody an address to which mail comes. */
  async mends(personId: string): Promise<void> {
    await this.#world.sleep(3_600_000, `${this.id} is mended`);
    const place = { collecteId: this.id, firmId: this.firmId };
    const state = await this.#client.read(`${this.id} is looked at`, (door) => door.state(place));
    const email = state.personal.people[personId]?.email;
    if (email === undefined) return;
    const other = `mended-${email}`;
    const reader = this.byAddress.get(email);
    if (reader) this.byAddress.set(other, reader);
    await this.preparer.corrects(personId, state, other);
  }

  /** Another order, and a document less: its people stay who they are. */
  async #revises(random: Random): Promise<void> {
    const { id, firmId, command } = this;
    const { type: _, firmId: __, ...plan } = command;
    const steps = random.chance(0.5) ? [...command.steps].reverse() : command.steps;
    const documents = command.documents.slice(0, random.between(1, command.documents.length));
    const by = { keyId: "key_1" };
    await this.#world.sleep(random.pick([1_000, 30 * day]), `${id} is revised`);
    await this.#client.insist(`${id}:revise`, id, (door) =>
      door.firmAct(`${id}:revise`, id, firmId, { ...plan, type: "ReviseDraft", steps, documents, by }),
    );
  }

  /** Whether nobody but its signatories had a say in how it ends. */
  get isPlain(): boolean {
    return this.preparer.upheavals === 0 && !("a1" in this.command.personal.people);
  }

  get endings(): (Ending | undefined)[] {
    return this.signatories.map(({ ending }) => ending);
  }

  async play(): Promise<void> {
    const { id, firmId, command } = this;
    const random = this.#world.random;
    await this.#world.sleep(random.pick([0, 0, 1_000, 60_000]), `${id} begins`);
    const created = await this.#client.insist(`${id}:create`, id, (door) =>
      door.firmAct(`${id}:create`, id, firmId, command),
    );
    if (created.status !== "done") return;
    if (random.chance(0.2)) await this.#revises(random);
    // A draft that nobody comes back to.
    if (random.chance(0.03)) return;
    await this.#world.sleep(random.pick([0, 1_000, 600_000, 2 * day]), `${id} is launched`);
    const launched = await this.#client.insist(`${id}:launch`, id, (door) =>
      door.firmAct(`${id}:launch`, id, firmId, { type: "LaunchCollecte" }),
    );
    if (launched.status !== "done") return;
    this.wasLaunched = true;
    const isBusy = random.chance(0.5);
    await Promise.all([...this.signatories.map((signatory) => signatory.play()), this.preparer.play(isBusy)]);
  }
}

function temperOf(world: World): Temper {
  if (world.faults.strikes("poison", "a signatory")) return "poisonous";
  return world.random.pick([
    "willing",
    "willing",
    "willing",
    "willing",
    "clumsy",
    "clumsy",
    "refusing",
    "silent",
  ]);
}

function termsFrom(random: Random): Terms {
  return {
    ...(random.chance(0.5) && {
      reminders: { everyDays: random.pick([1, 4, 14]), most: random.between(1, 3) },
    }),
    ...(random.chance(0.5) && { delivery: random.pick(["pushed", "fetched"] as const) }),
    ...(random.chance(0.3) && { evidenceYears: random.pick([1, 10]) }),
    ...(random.chance(0.3) && { draftDays: random.pick([1, 200]) }),
    ...(random.chance(0.2) && { reflectionMs: random.pick([3_600_000, 2 * day]) }),
  };
}

function draft(id: string, firmId: string, random: Random): CreateCollecte {
  const people: CreateCollecte["personal"]["people"] = {};
  const members: Record<string, string> = {};
  const add = (personId: string) => {
    people[personId] = {
      name: `Zoé ${personId}`,
      email: `${personId}@${id}.example`,
      phone: `${id} ${personId}`,
    };
    if (random.chance(0.2)) members[personId] = `member-${random.between(1, 3)}`;
    return personId;
  };
  let count = 0;
  let approvers = 0;
  const approved = (personId: string): Step => {
    people[personId] = { name: "Ève Expert", email: `${personId}@${id}.example` };
    return { seal: true, approver: { id: personId, memberId: `member-${personId}` } };
  };
  const steps = Array.from({ length: random.between(1, 3) }, (): Step => {
    if (random.chance(0.25)) return random.chance(0.3) ? approved(`a${++approvers}`) : { seal: true };
    const together = random.pick([1, 1, 1, 2, 3]);
    return { signatories: Array.from({ length: together }, () => add(`s${++count}`)) };
  });
  const copies = random.chance(0.3) ? ["c1"] : [];
  if (copies.length > 0) people["c1"] = { name: "Chloé Copie", email: `copy@${id}.example` };
  const documents = Array.from({ length: random.between(1, 3) }, (_, i) => ({
    id: `d${i}`,
    sha256: digest(`${id} document ${i}`),
    bytes: 1_000,
    pages: 2,
  }));
  const personal = { title: "Lettre de mission", people };
  return {
    type: "CreateCollecte",
    firmId,
    language: "fr",
    documents,
    steps,
    copies,
    members,
    ...(random.chance(0.8) && { level: random.pick(padesLevels) }),
    ...(random.chance(0.5) && { terms: termsFrom(random) }),
    at: 0,
    personal,
  };
}
