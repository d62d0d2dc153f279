import { expect } from "chai";
import { PdfRefused } from "../../../../src/workers/pdf/refused.ts";
import { maxLogoBytes, readLogo } from "../../../../src/workers/pdf/stamp/logo.ts";
import { decodePng } from "../../../../src/workers/pdf/stamp/png.ts";
import { aPatch, aPng } from "../pngs.ts";

const MAX = 10_000;
const ramp = (x: number, y: number, channel: number) => (x * 37 + y * 11 + channel * 71) & 255;

describe("a PNG logo", () => {
  it("is read in every colour type, depth and interlacing", () => {
    for (const interlaced of [false, true]) {
      for (const [kind, depth] of [
        [0, 1],
        [0, 2],
        [0, 4],
        [0, 8],
        [0, 16],
        [2, 8],
        [2, 16],
        [4, 8],
        [4, 16],
        [6, 8],
        [6, 16],
      ] as const) {
        const sample = (x: number, y: number, c: number) =>
          depth === 16 ? ramp(x, y, c) * 257 : ramp(x, y, c) >> (8 - depth);
        const { rgb, alpha } = decodePng(
          aPng({ width: 13, height: 9, kind, depth, interlaced, sample }),
          MAX,
        );
        const full = depth === 16 ? 65_535 : 2 ** depth - 1;
        const shown = (x: number, y: number, c: number) => Math.floor((sample(x, y, c) * 255) / full);
        for (let y = 0; y < 9; y++) {
          for (let x = 0; x < 13; x++) {
            const at = y * 13 + x;
            const grey = kind === 0 || kind === 4;
            const expected = [0, 1, 2].map((c) => shown(x, y, grey ? 0 : c));
            expect([...rgb.subarray(at * 3, at * 3 + 3)], `${kind}/${depth} ${x},${y}`).to.deep.equal(
              expected,
            );
            if (kind === 4 || kind === 6) expect(alpha?.[at]).to.equal(shown(x, y, kind === 4 ? 1 : 3));
            else expect(alpha).to.equal(undefined);
          }
        }
      }
    }
  });

  it("keeps its palette and the colours that are clear", () => {
    const palette = [255, 0, 0, 0, 255, 0, 0, 0, 255];
    const sample = (x: number) => x % 3;
    const indexed = decodePng(
      aPng({ width: 3, height: 1, kind: 3, depth: 2, palette, clear: [255, 0], sample }),
      MAX,
    );
    expect([...indexed.rgb]).to.deep.equal(palette);
    expect([...(indexed.alpha ?? [])]).to.deep.equal([255, 0, 255]);
    const keyed = decodePng(aPng({ width: 3, height: 1, kind: 0, depth: 8, clear: [0, 1], sample }), MAX);
    expect([...(keyed.alpha ?? [])]).to.deep.equal([255, 0, 255]);
  });
});

describe("a logo", () => {
  it("is held as it is when it is a JPEG", () => {
    const jpeg = aJpegHead(3);
    const logo = readLogo(jpeg);
    expect(logo).to.include({ width: 40, height: 20, data: jpeg });
    expect(readLogo(aJpegHead(4, true)).image.entries.has("Decode")).to.equal(true);
  });

  it("is refused when it is something else, damaged, or too large", () => {
    const patch = aPatch(4, 4, [1, 2, 3]);
    const bad = Buffer.from(patch);
    bad.fill(0xee, 41, 50);
    const cases = {
      "nothing known": Buffer.from("GIF89a"),
      "cut short": patch.subarray(0, patch.length - 20),
      "no inflating": bad,
      "too many pixels": aPng({ width: 2_000, height: 1_000, kind: 0, depth: 1, sample: () => 0 }),
      "too many bytes": Buffer.concat([patch, Buffer.alloc(maxLogoBytes)]),
      "a JPEG that is arithmetic": Buffer.from([0xff, 0xd8, 0xff, 0xc9, 0, 8, 8, 0, 1, 0, 1, 3]),
      "a JPEG without a frame": Buffer.from([0xff, 0xd8, 0xff, 0xd9]),
    };
    for (const [what, bytes] of Object.entries(cases)) {
      expect(() => readLogo(bytes), what)
        .to.throw(PdfRefused)
        .with.property("code", "logo_unsupported");
    }
  });

  it("never crashes on bytes that were changed", () => {
    const sound = aPng({ width: 8, height: 8, interlaced: true, sample: ramp });
    for (let i = 0; i < sound.length * 8; i++) {
      const changed = Buffer.from(sound);
      changed[i >> 3] = (changed[i >> 3] ?? 0) ^ (1 << (i & 7));
      try {
        readLogo(changed);
      } catch (error) {
        expect(error).to.be.instanceOf(PdfRefused);
      }
    }
  });
});

function aJpegHead(components: number, adobe = false): Buffer {
  const marker = adobe ? [0xff, 0xee, 0, 14, ...Buffer.from("Adobe"), 0, 100, 0, 0, 0, 0, 2] : [];
  const frame = [
    0xff,
    0xc0,
    0,
    8 + 3 * components,
    8,
    0,
    20,
    0,
    40,
    components,
    ...Array(3 * components).fill(1),
  ];
  return Buffer.from([0xff, 0xd8, ...marker, ...frame, 0xff, 0xd9]);
}
