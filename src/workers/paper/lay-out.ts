import type { Block, Paper } from "../../actors/runtime/ports.ts";
import { codePoints, visibleLines } from "./visible.ts";
import { lengthOf, wrap } from "./wrap.ts";

/** A4 in points. */
export const pageSize = { width: 595.28, height: 841.89 };

/** Characters on a page: their place is the start of their baseline. */
export interface PlacedLine {
  x: number;
  y: number;
  size: number;
  /** From 0, black, to 1. */
  grey: number;
  points: readonly number[];
}

const margin = 56;
const labelWidth = 118;
const footY = 30;
const lineHeight = 1.32;
const sizes = { title: 16, heading: 11.5, body: 8.5, foot: 7 };
const dark = 0.1;
const pale = 0.4;

/** The lines of each page, from its top to its bottom. */
export function layOut({ title, blocks, footer }: Paper): PlacedLine[][] {
  const pages: PlacedLine[][] = [[]];
  let y = pageSize.height - margin;

  function down(height: number, kept = 0): void {
    if (y - height - kept < margin) {
      pages.push([]);
      y = pageSize.height - margin;
    }
    y -= height;
  }

  function place(points: readonly number[], x: number, size: number, grey: number): void {
    pages.at(-1)?.push({ x, y, size, grey, points });
  }

  function paragraph(text: string, x: number, size: number, grey: number): void {
    for (const line of lines(text, size, pageSize.width - margin - x)) {
      down(size * lineHeight);
      place(line, x, size, grey);
    }
  }

  function row({ label, text }: Extract<Block, { kind: "row" }>): void {
    const { body } = sizes;
    const labels = lines(label, body, labelWidth - 8);
    const texts = lines(text, body, pageSize.width - 2 * margin - labelWidth);
    for (let i = 0; i < Math.max(labels.length, texts.length); i++) {
      down(body * lineHeight);
      const [left, right] = [labels[i], texts[i]];
      if (left !== undefined) place(left, margin, body, pale);
      if (right !== undefined) place(right, margin + labelWidth, body, dark);
    }
  }

  paragraph(title, margin, sizes.title, 0);
  y -= 6;
  for (const block of blocks) {
    switch (block.kind) {
      case "heading":
        // With the first lines that it stands over.
        down(10, 5 * sizes.heading);
        paragraph(block.text, margin, sizes.heading, 0);
        y -= 2;
        break;
      case "text":
        paragraph(block.text, margin, sizes.body, dark);
        break;
      case "row":
        row(block);
        break;
    }
    y -= 2;
  }
  return pages.map((page, i) => [...page, ...foot(footer, i + 1, pages.length)]);
}

function lines(text: string, size: number, width: number): number[][] {
  return visibleLines(text).flatMap((line) => wrap(line, size, width));
}

function foot(text: string, number: number, of: number): PlacedLine[] {
  const size = sizes.foot;
  const count = codePoints(`${number} / ${of}`);
  const width = (lengthOf(count) * size) / 1_000;
  const [line = []] = lines(text, size, pageSize.width - 2 * margin - width - 10);
  const common = { y: footY, size, grey: pale };
  return [
    { ...common, x: margin, points: line },
    { ...common, x: pageSize.width - margin - width, points: count },
  ];
}
