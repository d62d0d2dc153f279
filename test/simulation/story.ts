import type { CreateCollecte } from "../../src/actors/collecte/commands.ts";
import { padesLevels } from "../../src/actors/collecte/levels.ts";
import type { Step } from "../../src/actors/collecte/state.ts";
import type { Client } from "./client.ts";
import { digest } from "./names.ts";
import type { Outside } from "./outside.ts";
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
    for (const personId of Object.keys(this.command.personal.people).filter((one) => one.startsWith("s"))) {
      this.signatories.push(new Signatory(id, personId, temperOf(world), client));
    }
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
    await this.#world.sleep(random.pick([0, 1_000, 600_000, 2 * day]), `${id} is launched`);
    const launched = await this.#client.insist(`${id}:launch`, id, (door) =>
      door.firmAct(`${id}:launch`, id, firmId, { type: "LaunchCollecte" }),
    );
    if (launched.status !== "done") return;
    this.wasLaunched = true;
    await Promise.all(this.signatories.map((signatory) => signatory.play()));
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
  const steps = Array.from({ length: random.between(1, 3) }, (): Step => {
    if (random.chance(0.25)) return { seal: true };
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
    at: 0,
    personal,
  };
}
