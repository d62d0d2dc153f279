import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import express from "express";
import { pageRoutes } from "../../src/http/pages.ts";
import type { Route } from "../../src/http/route.ts";
import { temporaryFolder } from "../support/folders.ts";

describe("a part of the signing page", () => {
  let folder: string;
  beforeEach(async () => {
    folder = join(await temporaryFolder(), "pages");
  });
  afterEach(() => rm(join(folder, ".."), { recursive: true }));

  it("that could not be read is read again for the next caller, and once it was read never more", async () => {
    const routes = pageRoutes(folder) as (Route & { access: "open" })[];
    const page = routes.find(({ path }) => path === "/sign") ?? expect.fail();
    const app = express();
    app.get("/sign", (request, response) => page.handle(request, response));
    app.use(((_error, _request, response, _next) => {
      response.status(500).end();
    }) as express.ErrorRequestHandler);
    const server = app.listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const ask = async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/sign`);
      return [answer.status, await answer.text()];
    };
    try {
      expect(await ask()).to.deep.equal([500, ""]);
      await mkdir(folder);
      await writeFile(join(folder, "signing.html"), "the page");
      expect(await ask()).to.deep.equal([200, "the page"]);
      await rm(folder, { recursive: true });
      expect(await ask()).to.deep.equal([200, "the page"]);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
