import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type MailSink, startMailSink } from "../sinks/mail-sink.ts";
import { type SmsSink, startSmsSink } from "../sinks/sms-sink.ts";
import { collecteJson, type EngineProcess, startEngineProcess } from "./engine-process.ts";

export interface StageFirm {
  id: string;
  name: string;
  apiKey: string;
}

export interface StageExpert {
  id: string;
  firstName: string;
  lastName: string;
  email: string;
  phone: string;
}

/** The world that a sending of letters needs: an engine, a mail server, an SMS gateway, a firm and its expert. */
export interface Stage {
  engine: EngineProcess;
  mails: MailSink;
  smses: SmsSink;
  firm: StageFirm;
  expert: StageExpert;
  /** Kills the engine as a power cut would, and starts it again on the same data. */
  crash(): Promise<void>;
  close(): Promise<void>;
}

const expert = {
  firstName: "Hélène",
  lastName: "Lefèvre",
  email: "helene.lefevre@cabinet.example",
  phone: "+33639980199",
};

export interface StageOptions {
  /** Where data, the root certificate and the records go. */
  folder: string;
  redisUrl?: string | undefined;
  /** Further settings of the engine, by environment variable. */
  settings?: Record<string, string>;
}

export async function buildStage({ folder, redisUrl, settings = {} }: StageOptions): Promise<Stage> {
  await mkdir(folder, { recursive: true });
  const mails = await startMailSink();
  const smses = await startSmsSink();
  try {
    return await furnish({ folder, redisUrl, settings }, mails, smses);
  } catch (error) {
    await mails.close();
    await smses.close();
    throw error;
  }
}

async function furnish(
  { folder, redisUrl, settings }: StageOptions,
  mails: MailSink,
  smses: SmsSink,
): Promise<Stage> {
  const environment: Record<string, string> = {
    COLLECTE_MODE: "test",
    COLLECTE_DATA: join(folder, "data"),
    COLLECTE_PORT: "0",
    COLLECTE_LOG_LEVEL: "error",
    // All clients come from one address here, and faster than any person.
    COLLECTE_REQUESTS_PER_MINUTE: "10000000",
    COLLECTE_SESSIONS_PER_MINUTE: "10000000",
    SMTP_URL: mails.url,
    SMS_URL: smses.url,
    ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
    ...settings,
  };
  const firm = await collecteJson<StageFirm>(
    environment,
    "firm",
    "create",
    "--name",
    "Cabinet Lefèvre & Associés",
    "--email",
    "cabinet@cabinet.example",
    "--siren",
    "732829320",
  );
  const member = await collecteJson<{ id: string }>(
    environment,
    "member",
    "create",
    ...["--firm", firm.id, "--first-name", expert.firstName, "--last-name", expert.lastName],
    ...["--email", expert.email, "--phone", expert.phone],
  );
  await collecteJson(environment, "root", "--out", join(folder, "ca.pem"));
  const first = await startEngineProcess(environment);
  const stage: Stage = {
    engine: first,
    mails,
    smses,
    firm,
    expert: { id: member.id, ...expert },
    async crash() {
      const { port } = new URL(stage.engine.url);
      await stage.engine.kill();
      // The links in the mails that were sent lead to this port.
      stage.engine = await startEngineProcess({ ...environment, COLLECTE_PORT: port });
    },
    async close() {
      await stage.engine.stop();
      await mails.close();
      await smses.close();
    },
  };
  return stage;
}
