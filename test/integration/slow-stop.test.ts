import { once } from "node:events";
import { rm } from "node:fs/promises";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import { createApiClient } from "../../examples/end-of-year/api-client.ts";
import { generateClients } from "../../examples/end-of-year/clients.ts";
import { createFirmApi } from "../../examples/end-of-year/firm-api.ts";
import { buildStage, type Stage } from "../../src/cli/demo/stage.ts";
import { aPdf } from "../http/support/caller.ts";
import { temporaryFolder } from "../support/folders.ts";

/** Longer than a supervisor waits, though no single answer takes as long as the mailer does. */
const answerMs = 8_000;

describe("an engine whose mail server is slow", function () {
  this.timeout(120_000);
  let folder: string;
  let stage: Stage | undefined;
  let server: Server;
  let sockets: Set<Socket>;
  beforeEach(async () => {
    folder = await temporaryFolder();
    sockets = new Set();
    server = createServer((socket) => {
      sockets.add(socket.on("error", () => undefined));
      const answer = (text: string) =>
        setTimeout(() => socket.destroyed || socket.write(text), answerMs).unref();
      answer("220 slow.example\r\n");
      socket.on("data", () => answer("250 ok\r\n"));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterEach(async () => {
    await stage?.close();
    for (const socket of sockets) socket.destroy();
    server.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("stops within 30 s, and nothing is lost", async () => {
    const { port } = server.address() as AddressInfo;
    const settings = { SMTP_URL: `smtp://127.0.0.1:${port}` };
    stage = await buildStage({ folder, settings });
    const client = createApiClient(stage.engine.url, { tries: 3, connections: 2 });
    const firm = createFirmApi(client, stage.firm.apiKey);
    const [person] = generateClients(1);
    const document = await firm.addDocument(await aPdf());
    const { firstName, lastName, email, phone } = person ?? expect.fail();
    const steps = [{ signatories: [{ firstName, lastName, email, phone }] }];
    const { id } = await firm.createCollecte({ title: "Lente", documents: [document.id], steps });
    await firm.launch(id);
    for (let tries = 0; tries < 200 && sockets.size === 0; tries++) await pause(50);
    expect(sockets.size, "a mail is in hand").to.be.greaterThan(0);
    const began = performance.now();
    // Rejects when it ends with anything but 0.
    await stage.engine.stop();
    expect(performance.now() - began).to.be.lessThan(30_000);
    client.close();
    await stage.restart({ SMTP_URL: stage.mails.url });
    const mail = await stage.mails.next(email, undefined, 90_000);
    expect(mail.subject).to.contain("Lente");
  });
});
