import type { Block, Paper } from "../../actors/runtime/ports.ts";
import { canShow } from "../pdf/stamp/font.ts";
import { joined } from "./arabic.ts";
import { drawingOrder } from "./order.ts";
import { codePoints, visibleLines } from "./visible.ts";
import { lengthOf, wrap } from "./wrap.ts";

/** A4 in points. */
export const pageSize = { width: 595.28, height: 841.89 };

/** Characters on a page, in the order in which they are drawn; their place is the start of their baseline. */
export interface PlacedLine {
  x: number;
  y: number;
  size: number;
  /** From 0, black, to 1. */
  grey: number;
  points: readonly number[];
}

/** A heading, and where it stands: what a reader's outline leads to. */
export interface PlacedHeading {
  text: string;
  /** From 0. */
  page: number;
  y: number;
}

const margin = 50;
/** A time with its zone stands on one line of it, and beside it a SHA-256 on another. */
const labelWidth = 138;
const footY = 30;
const lineHeight = 1.32;
const sizes = { title: 16, heading: 11.5, body: 8.5, label: 7.5, detail: 7, foot: 7 };
const dark = 0.1;
const middling = 0.3;
const pale = 0.4;

/** The lines of each page, from its top to its bottom, and the headings. */
export function layOut({ title, blocks, footer }: Paper): {
  pages: PlacedLine[][];
  headings: PlacedHeading[];
} {
  const pages: PlacedLine[][] = [[]];
  const headings: PlacedHeading[] = [];
  let y = pageSize.height - margin;

  function down(height: number, kept = 0): void {
    if (y - height - kept < margin) {
      pages.push([]);
      y = pageSize.height - margin;
    }
    y -= height;
  }

  function place(points: readonly number[], x: number, size: number, grey: number): void {
    pages.at(-1)?.push({ x, y, size, grey, points: drawingOrder(points) });
  }

  function paragraph(text: string, size: number, grey: number): void {
    for (const line of lines(text, size, pageSize.width - 2 * margin)) {
      down(size * lineHeight);
      place(line, margin, size, grey);
    }
  }

  function row({ label, text, details = [] }: Extract<Block, { kind: "row" }>): void {
    const { body, detail, label: small } = sizes;
    const labels = lines(label, small, labelWidth - 6);
    const width = pageSize.width - 2 * margin - labelWidth;
    const texts = [
      ...lines(text, body, width).map((line) => ({ line, size: body, grey: dark })),
      ...details.flatMap((one) =>
        lines(one, detail, width).map((line) => ({ line, size: detail, grey: middling })),
      ),
    ];
    for (let i = 0; i < Math.max(labels.length, texts.length); i++) {
      const [left, right] = [labels[i], texts[i]];
      const height = (right?.size ?? small) * lineHeight;
      // What is said and its first detail stay together.
      down(height, i === 0 && texts.length > 1 ? 2 * height : 0);
      if (left !== undefined) place(left, margin, small, pale);
      if (right !== undefined) place(right.line, margin + labelWidth, right.size, right.grey);
    }
  }

  paragraph(title, sizes.title, 0);
  y -= 6;
  for (const block of blocks) {
    switch (block.kind) {
      case "heading":
        // With the first lines that it stands over.
        down(10, 5 * sizes.heading);
        paragraph(block.text, sizes.heading, 0);
        headings.push({ text: block.text, page: pages.length - 1, y: y + sizes.heading });
        y -= 3;
        break;
      case "text":
        paragraph(block.text, sizes.body, dark);
        break;
      case "row":
        row(block);
        break;
    }
    y -= 2.5;
  }
  return { pages: pages.map((page, i) => [...page, ...foot(footer, i + 1, pages.length)]), headings };
}

function lines(text: string, size: number, width: number): number[][] {
  return visibleLines(text).flatMap((line) => wrap(joined(line, canShow), size, width));
}

function foot(text: string, number: number, of: number): PlacedLine[] {
  const size = sizes.foot;
  const count = codePoints(`${number} / ${of}`);
  const width = (lengthOf(count) * size) / 1_000;
  const [line = []] = lines(text, size, pageSize.width - 2 * margin - width - 10);
  const common = { y: footY, size, grey: pale };
  return [
    { ...common, x: margin, points: drawingOrder(line) },
    { ...common, x: pageSize.width - margin - width, points: count },
  ];
}
