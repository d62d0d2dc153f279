import { expect } from "chai";
import fc from "fast-check";
import { LinkedList } from "../../../../src/actors/runtime/queues/in-process/linked-list.ts";
import { RankHeap } from "../../../../src/actors/runtime/queues/in-process/rank-heap.ts";

interface Item {
  rank: number;
  sequence: number;
  slot: number;
  previous: Item | undefined;
  next: Item | undefined;
}

const anItem = (rank: number, sequence: number): Item => ({
  rank,
  sequence,
  slot: -1,
  previous: undefined,
  next: undefined,
});

/** A number adds an item of that rank; a fraction removes the item at that part of those that are there. */
const changes = fc.array(fc.oneof(fc.nat(20), fc.double({ min: 0.001, max: 0.999, noNaN: true })), {
  maxLength: 200,
});

describe("the heap of delayed and prioritized jobs", () => {
  it("gives the lowest rank first, oldest first among equals, whatever was removed from it", () => {
    fc.assert(
      fc.property(changes, (steps) => {
        const heap = new RankHeap<Item>();
        let model: Item[] = [];
        steps.forEach((step, sequence) => {
          if (Number.isInteger(step)) {
            const item = anItem(step, sequence);
            heap.push(item);
            model = [...model, item].sort((a, b) => a.rank - b.rank || a.sequence - b.sequence);
          } else {
            const [removed] = model.splice(Math.floor(step * model.length), 1);
            if (removed) heap.remove(removed);
          }
          expect(heap.first).to.equal(model[0]);
          expect(heap.size).to.equal(model.length);
        });
        expect(heap.sorted()).to.deep.equal(model);
      }),
    );
  });
});

describe("the list of waiting jobs", () => {
  it("keeps its order, whatever was put before or removed from it", () => {
    fc.assert(
      fc.property(changes, (steps) => {
        const list = new LinkedList<Item>();
        const model: Item[] = [];
        steps.forEach((step, sequence) => {
          const item = anItem(step, sequence);
          if (!Number.isInteger(step)) {
            const [removed] = model.splice(Math.floor(step * model.length), 1);
            if (removed) list.remove(removed);
          } else if (step % 2) {
            list.pushBack(item);
            model.push(item);
          } else {
            list.pushFront(item);
            model.unshift(item);
          }
        });
        const sequences = (items: Item[]): number[] => items.map((item) => item.sequence);
        expect(sequences([...list])).to.deep.equal(sequences(model));
        expect(list.size).to.equal(model.length);
        expect(sequences(list.slice(1, 3, false))).to.deep.equal(sequences(model.slice(1, 4)));
        expect(sequences(list.slice(0, 1, true))).to.deep.equal(sequences([...model].reverse().slice(0, 2)));
      }),
    );
  });
});
