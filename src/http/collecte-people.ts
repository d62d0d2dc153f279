import type { Person, Step } from "../actors/collecte/state.ts";
import type { Member } from "../actors/runtime/ports.ts";
import type { PeopledCollecte } from "./collecte-contacts.ts";
import { type FieldError, fieldError } from "./field-errors.ts";
import type { StampPlan } from "./plan-stamps.ts";

/** The people of a collecte to be made: signatories become `s1`, `s2`, …, approvers of seals `a1`, …, copies `c1`, …. */
export interface People {
  steps: Step[];
  people: Record<string, Person>;
  /** Signatory id → member id. */
  members: Record<string, string>;
  copies: string[];
}

type Asked = Omit<Person, "name"> & { firstName: string; lastName: string };

/** A person as the law knows them. */
export function personOf({ firstName, lastName, email, phone }: Asked): Person {
  return {
    name: `${firstName} ${lastName}`,
    firstName,
    lastName,
    email,
    ...(phone !== undefined && { phone }),
  };
}

/** Reads the steps of a request in their order. */
export class Cast {
  readonly #found: People = { steps: [], people: {}, members: {}, copies: [] };
  readonly #members: ReadonlyMap<string, Member>;
  readonly #missing: FieldError[];
  readonly #plan: StampPlan;
  #signatories = 0;
  #approvers = 0;

  constructor(members: ReadonlyMap<string, Member>, missing: FieldError[], plan: StampPlan) {
    this.#members = members;
    this.#missing = missing;
    this.#plan = plan;
  }

  read({ steps, copies }: Pick<PeopledCollecte, "steps" | "copies">): People {
    for (const [index, step] of steps.entries()) this.#step(step, index);
    for (const [index, { email, name }] of copies.entries()) {
      const id = `c${index + 1}`;
      this.#found.people[id] = { name: name ?? email, email };
      this.#found.copies.push(id);
    }
    return this.#found;
  }

  #step(step: PeopledCollecte["steps"][number], index: number): void {
    const at = `steps/${index}`;
    if ("seal" in step) {
      const approver = step.approver === undefined ? undefined : this.#approver(step.approver, at);
      this.#found.steps.push({ seal: true, ...(approver && { approver }) });
      this.#plan.add({ seal: index }, step.stamp, at);
    } else if ("signatories" in step) {
      const ids = step.signatories.flatMap((one, i) => this.#signatory(one, `${at}/signatories/${i}`));
      this.#found.steps.push({ signatories: ids });
    } else this.#found.steps.push({ signatories: this.#signatory(step, at) });
  }

  #signatory(
    one: Extract<PeopledCollecte["steps"][number], { signatories: unknown }>["signatories"][number],
    at: string,
  ): string[] {
    const member = "member" in one ? this.#member(one.member, `${at}/member`) : undefined;
    if ("member" in one && !member) return [];
    this.#signatories += 1;
    const id = `s${this.#signatories}`;
    if (member) this.#found.members[id] = member.id;
    this.#found.people[id] = personOf(member ?? (one as Asked));
    this.#plan.add({ signatoryId: id }, one.stamp, at);
    return [id];
  }

  #approver(memberId: string, at: string): { id: string; memberId: string } | undefined {
    const member = this.#member(memberId, `${at}/approver`);
    if (!member) return undefined;
    this.#approvers += 1;
    const id = `a${this.#approvers}`;
    this.#found.people[id] = personOf(member);
    return { id, memberId };
  }

  #member(memberId: string, field: string): Member | undefined {
    const member = this.#members.get(memberId);
    if (!member) this.#missing.push(fieldError(field, "member_unknown"));
    return member;
  }
}
