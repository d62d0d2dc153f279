import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type ApiClient, createApiClient } from "../../examples/end-of-year/api-client.ts";
import { type MailSink, startMailSink } from "../../src/cli/sinks/mail-sink.ts";
import { type SmsSink, startSmsSink } from "../../src/cli/sinks/sms-sink.ts";
import { freePort } from "../support/ports.ts";
import { EngineProcess } from "./engine-process.ts";
import type { Strike } from "./evidence.ts";

/** Engines that run, the post and the phones around them, and what the engines tell of themselves. */
export interface Stage {
  engines: EngineProcess[];
  apis: ApiClient[];
  mails: MailSink;
  smses: SmsSink;
  /** Where every arrival is kept. */
  mailFolder: string;
  smsFolder: string;
  /** Failpoints that any engine came to. */
  reached: Set<string>;
  /** Jobs that outlasted their lease: the machine was slow. */
  slow: Strike[];
  /** Kills the engines. */
  close(): Promise<void>;
}

export interface StageOptions {
  engines: number;
  environment: Readonly<Record<string, string>>;
  folder: string;
  note(line: string): void;
}

export async function openStage({ engines: count, environment, folder, note }: StageOptions): Promise<Stage> {
  const [mailFolder, smsFolder] = [join(folder, "mail"), join(folder, "sms")];
  await mkdir(folder, { recursive: true });
  const undo: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const mails = await startMailSink({ directory: mailFolder });
    undo.push(() => mails.close());
    const smses = await startSmsSink({ directory: smsFolder });
    undo.push(() => smses.close());
    const reached = new Set<string>();
    const slow: Strike[] = [];
    const engines: EngineProcess[] = [];
    undo.push(() => Promise.all(engines.map((engine) => engine.signal("SIGKILL"))));
    for (let number = 0; number < count; number++) {
      const port = String(await freePort());
      const own = { ...environment, SMTP_URL: mails.url, SMS_URL: smses.url, COLLECTE_PORT: port };
      engines.push(
        new EngineProcess({
          environment: own,
          note,
          onReached: (point) => reached.add(point),
          onSlow: (job) => slow.push(job),
        }),
      );
    }
    await Promise.all(engines.map((engine) => engine.start()));
    const apis = engines.map(({ url }) => createApiClient(url, { tries: 1, timeoutMs: 5_000 }));
    undo.push(async () => {
      for (const api of apis) api.close();
    });
    return { engines, apis, mails, smses, mailFolder, smsFolder, reached, slow, close };
  } catch (error) {
    await close();
    throw error;
  }
}
