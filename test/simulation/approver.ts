import type { Client } from "./client.ts";
import type { Place } from "./door.ts";

/** A member whom a seal waits for: each mail about it has them look into their parapheur. */
export class Approver {
  readonly #place: { id: string; firmId: string };
  readonly #personId: string;
  readonly #client: Client;
  #count = 0;

  constructor(place: { id: string; firmId: string }, personId: string, client: Client) {
    this.#place = place;
    this.#personId = personId;
    this.#client = client;
  }

  gets(): void {
    void this.#approves();
  }

  async #approves(): Promise<void> {
    const { world } = this.#client.site;
    const { id: collecteId, firmId } = this.#place;
    const place: Place = { collecteId, firmId };
    const id = `${collecteId}:${this.#personId}:approve-${++this.#count}`;
    await world.sleep(world.random.pick([1_000, 600_000, 100_000_000]), `${id} begins`);
    await this.#client.insist(id, collecteId, (door) => door.approve(id, place, `member-${this.#personId}`));
  }
}
