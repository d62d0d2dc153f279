import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import { collecte, program, withDatabase } from "../cli/programs.ts";
import { temporaryFolder } from "../support/folders.ts";
import { freePort } from "../support/ports.ts";
import { startRedis } from "../support/redis.ts";

describe("a served engine", function () {
  this.timeout(60_000);
  let folder: string;
  let children: ChildProcess[];
  beforeEach(async () => {
    folder = await temporaryFolder();
    children = [];
  });
  afterEach(async () => {
    for (const child of children) {
      if (child.exitCode === null && child.kill("SIGKILL")) await once(child, "exit");
    }
    await rm(folder, { recursive: true, force: true });
  });

  function serve(port: number, settings: Record<string, string> = {}): ChildProcess {
    const env = { ...process.env, COLLECTE_DATA: folder, COLLECTE_PORT: String(port), ...settings };
    const child = spawn(process.execPath, [program, "serve"], { env });
    children.push(child);
    return child;
  }

  async function served(port: number): Promise<ChildProcess> {
    const child = serve(port);
    await once(child.stdout ?? expect.fail(), "data");
    return child;
  }

  /** The exit code, or undefined when the process still lives after so long. */
  async function endOf(child: ChildProcess, withinMs: number): Promise<number | null | undefined> {
    const ended = once(child, "exit").then(([code]) => code as number | null);
    return Promise.race([ended, pause(withinMs, undefined, { ref: false })]);
  }

  it("answers from the moment when it listens, though its queue is slow to start", async function () {
    const redis = await startRedis();
    if (!redis) return this.skip();
    const proxy = await slowProxy(Number(new URL(redis.url).port), 700);
    try {
      const port = await freePort();
      serve(port, { REDIS_URL: `redis://127.0.0.1:${proxy.port}` });
      const first = await eager(port);
      expect(await Promise.race([text(first), pause(10_000, "nothing")])).to.match(/^HTTP\/1.1 200/);
    } finally {
      proxy.close();
      await redis.stop();
    }
  });

  it("ends within seconds of SIGTERM, whoever holds a connection", async () => {
    const port = await freePort();
    const child = await served(port);
    const sockets = await Promise.all([
      held(port, ""),
      held(port, "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"),
      held(port, "GET /health/live HTTP/1.1\r\nHost: x\r\nX-Slow: "),
      held(
        port,
        "POST /v1/signing/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nContent-Type: application/json\r\n\r\n{",
      ),
    ]);
    child.kill("SIGTERM");
    expect(await endOf(child, 20_000)).to.equal(0);
    for (const socket of sockets) socket.destroy();
  });

  it("cuts off who takes for ever to send its headers", async () => {
    const port = await freePort();
    await served(port);
    const socket = await held(port, "GET /health/live HTTP/1.1\r\nHost: x\r\n");
    const slow = setInterval(() => socket.write("X: y\r\n"), 500);
    const cut = await Promise.race([once(socket, "close").then(() => true), pause(25_000, false)]);
    clearInterval(slow);
    expect(cut).to.equal(true);
  });

  it("says that its port is taken, and ends", async () => {
    const port = await freePort();
    await served(port);
    const second = serve(port, { COLLECTE_DATA: `${folder}/second` });
    const said = text(second.stderr ?? expect.fail());
    expect(await endOf(second, 20_000)).to.equal(1);
    expect(await said).to.equal(`port ${port} of 127.0.0.1 is taken: set COLLECTE_PORT to another one\n`);
  });

  it("ends when its data can't be read", async () => {
    await collecte(folder, "root", "--out", `${folder}/ca.pem`);
    await withDatabase(folder, (writer) => writer.run("UPDATE certificates SET wrapped_key = 'AAAA'"));
    expect(await endOf(serve(0), 20_000)).to.equal(1);
  });
});

/** Connects as soon as anybody listens, and asks at once; the connection ends with the answer. */
async function eager(port: number): Promise<Socket> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const isThere = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    if (isThere) {
      socket.write("GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      return socket;
    }
    await pause(1);
  }
}

/** Passes connections on to a port of this machine, each after so long. */
async function slowProxy(to: number, delayMs: number): Promise<{ port: number; close(): void }> {
  const sockets = new Set<Socket>();
  const kept = (socket: Socket) => {
    sockets.add(socket.on("error", () => socket.destroy()));
    return socket;
  };
  const server = createServer((caller) => {
    kept(caller);
    setTimeout(() => {
      const called = kept(connect(to, "127.0.0.1"));
      caller.pipe(called).pipe(caller);
    }, delayMs);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** A connection that says this much, and then nothing. */
async function held(port: number, words: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write(words);
  await pause(50);
  socket.resume();
  return socket;
}
