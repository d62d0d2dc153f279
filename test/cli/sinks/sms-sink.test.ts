import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { type SmsSink, startSmsSink } from "../../../src/cli/sinks/sms-sink.ts";

describe("the SMS sink", () => {
  let directory: string;
  let sink: SmsSink;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "sms-sink-"));
    sink = await startSmsSink({ directory });
  });
  afterEach(async () => {
    await sink.close();
    await rm(directory, { recursive: true });
  });

  const post = (body: unknown, headers: Record<string, string> = { "idempotency-key": "k" }) =>
    fetch(sink.url, {
      method: "POST",
      headers,
      body: typeof body === "string" ? body : JSON.stringify(body),
    });

  it("tells two phones apart, and two SMS of one phone", async () => {
    await post({ to: "+331", text: "one" }, { "idempotency-key": "1" });
    await post({ to: "+332", text: "two" }, { "idempotency-key": "2" });
    await post({ to: "+331", text: "three" }, { "idempotency-key": "3" });
    expect((await sink.next("+331", ({ text }) => text === "three")).idempotencyKey).to.equal("3");
    expect((await sink.next("+331")).text).to.equal("one");
    expect((await sink.next("+332")).text).to.equal("two");
    expect(sink.count()).to.equal(3);
  });

  it("keeps each SMS as a file", async () => {
    const { id } = (await (await post({ to: "+331", text: "é" })).json()) as { id: string };
    const [file = ""] = await readdir(directory);
    const kept = JSON.parse(await readFile(join(directory, file), "utf8"));
    expect(kept).to.include({ id, to: "+331", text: "é" });
  });

  it("refuses what is not an SMS", async () => {
    expect((await fetch(sink.url)).status).to.equal(405);
    expect((await post("nonsense")).status).to.equal(400);
    expect((await post({ to: 1, text: "x" })).status).to.equal(400);
    expect((await post({ to: "+331", text: "x" }, {})).status).to.equal(400);
    expect((await post({ to: "+331", text: "x".repeat(100_000) })).status).to.equal(400);
    expect(sink.count()).to.equal(0);
  });
});
