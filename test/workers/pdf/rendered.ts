import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A page as poppler shows it, one pixel a point; three bytes a pixel, from the upper left corner. */
export interface Rendered {
  width: number;
  height: number;
  rgb: Buffer;
}

export function rendered(bytes: Uint8Array, page: number): Rendered {
  const folder = mkdtempSync(join(tmpdir(), "collecte-page-"));
  try {
    const path = join(folder, "document.pdf");
    writeFileSync(path, bytes);
    const args = ["-cropbox", "-r", "72", "-f", String(page), "-l", String(page), path];
    const { stdout } = spawnSync("pdftoppm", args, { maxBuffer: 2 ** 28 });
    const [, width = "0", height = "0"] =
      /^P6\n(\d+) (\d+)\n255\n/.exec(stdout.toString("latin1", 0, 40)) ?? [];
    const rgb = stdout.subarray(stdout.length - Number(width) * Number(height) * 3);
    return { width: Number(width), height: Number(height), rgb };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The box around all pixels that `isIn` takes, in points from the lower left corner. */
export function boxAround(
  { width, height, rgb }: Rendered,
  isIn: (red: number, green: number, blue: number) => boolean,
): { left: number; bottom: number; width: number; height: number } | undefined {
  const box = { left: width, right: -1, top: height, bottom: -1 };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      if (!isIn(rgb[at] ?? 0, rgb[at + 1] ?? 0, rgb[at + 2] ?? 0)) continue;
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x + 1);
      box.top = Math.min(box.top, y);
      box.bottom = Math.max(box.bottom, y + 1);
    }
  }
  if (box.right < 0) return undefined;
  return {
    left: box.left,
    bottom: height - box.bottom,
    width: box.right - box.left,
    height: box.bottom - box.top,
  };
}
