import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Route } from "./route.ts";

/*
 * `tsc` copies no HTML, CSS or browser script, so the page is read from src/http/pages of the package,
 * wherever the compiled code lies below it.
 */
const pagesFolder = join(packageRoot(import.meta.dirname), "src", "http", "pages");

const assets: Readonly<Record<string, { file: string; type: string }>> = {
  "/sign": { file: "signing.html", type: "text/html" },
  "/download": { file: "signing.html", type: "text/html" },
  "/pages/signing.js": { file: "signing.js", type: "text/javascript" },
  "/pages/words.js": { file: "words.js", type: "text/javascript" },
  "/pages/signing.css": { file: "signing.css", type: "text/css" },
};

/** The signing page and its parts; each file is read once, and again after a failure. */
export function pageRoutes(folder = pagesFolder): Route[] {
  const texts = new Map<string, Promise<string>>();
  const read = (file: string): Promise<string> => {
    const text = readFile(join(folder, file), "utf8");
    texts.set(file, text);
    text.catch(() => texts.delete(file));
    return text;
  };
  return Object.entries(assets).map(([path, { file, type }]) => ({
    method: "get",
    path,
    operationId: `page${path.replaceAll(/\W/g, "_")}`,
    summary: "A part of the signing page",
    access: "open",
    answer: { status: 200, description: type },
    handle: async (_request, response) => {
      response.type(type).send(await (texts.get(file) ?? read(file)));
    },
  }));
}

function packageRoot(start: string): string {
  let folderUp = start;
  while (!existsSync(join(folderUp, "package.json"))) {
    const parent = dirname(folderUp);
    if (parent === folderUp) throw new Error(`no package.json above ${start}`);
    folderUp = parent;
  }
  return folderUp;
}
