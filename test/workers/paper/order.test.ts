import { expect } from "chai";
import fc from "fast-check";
import { joined } from "../../../src/workers/paper/arabic.ts";
import { drawingOrder } from "../../../src/workers/paper/order.ts";
import { codePoints } from "../../../src/workers/paper/visible.ts";

const text = (points: readonly number[]) => String.fromCodePoint(...points);
const drawn = (line: string) => text(drawingOrder(codePoints(line)));
const shaped = (line: string) => text(joined(codePoints(line), () => true));

describe("the order in which a line is drawn", () => {
  it("turns letters from right to left, and leaves the rest of the line", () => {
    expect(drawn("de אבג signé")).to.equal("de גבא signé");
    expect(drawn("(אב)")).to.equal("(בא)");
    expect(drawn("Zoé, 12")).to.equal("Zoé, 12");
  });

  it("keeps numbers as they are read, and turns what stands in pairs", () => {
    expect(drawn("אב 12/05 גד")).to.equal("דג 12/05 בא");
    expect(drawn("אב 2027.pdf")).to.equal("2027 בא.pdf");
    expect(drawn("אב (גד) הו")).to.equal("וה (דג) בא");
    expect(drawn("x אב, 3 y")).to.equal("x 3 ,בא y");
  });

  it("keeps marks after the letter that they stand on", () => {
    expect(drawn("שָב")).to.equal("בשָ");
  });

  it("loses and adds no character, whatever the line", () => {
    const anything = fc.array(fc.constantFrom(..."אבمحע12,. ()a«»\u05b8é"), { maxLength: 30 });
    fc.assert(
      fc.property(anything, (characters) => {
        const line = characters.join("");
        const bare = (one: string) => [...one.replace(/[()«»]/g, "()")].sort().join("");
        expect(bare(drawn(line))).to.equal(bare(line));
      }),
    );
  });
});

describe("Arabic letters", () => {
  it("are joined to their neighbours: isolated, first, middle, last", () => {
    expect(shaped("محمد")).to.equal("\ufee3\ufea4\ufee4\ufeaa");
    expect(shaped("دار")).to.equal("\ufea9\ufe8d\ufead");
    expect(shaped("م")).to.equal("\ufee1");
    expect(shaped("پی")).to.equal("\ufb58\ufbfd");
  });

  it("lam and alef are one shape, also after another letter", () => {
    expect(shaped("لا")).to.equal("\ufefb");
    expect(shaped("سلام")).to.equal("\ufeb3\ufefc\ufee1");
  });

  it("are read through marks, and left alone where the font has no such shape", () => {
    expect(shaped("مُح")).to.equal("\ufee3\u064f\ufea2");
    expect(text(joined(codePoints("محمد"), () => false))).to.equal("محمد");
    expect(shaped("Zoé אב")).to.equal("Zoé אב");
  });
});
