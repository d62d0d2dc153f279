import { readFileSync } from "node:fs";
import type { Settings } from "../config/settings.ts";
import { createHttpSmsGateway } from "./actors/effects/http-sms-gateway.ts";
import { createOutgoing } from "./actors/effects/outgoing.ts";
import { createBoundedSms } from "./actors/effects/sms/bounded.ts";
import type { Carrier } from "./actors/effects/sms/carrier.ts";
import { createFailover, createLoneGateway } from "./actors/effects/sms/failover.ts";
import { createHttpCarrier } from "./actors/effects/sms/http-carrier.ts";
import type { HttpDescription, ReceiptDescription } from "./actors/effects/sms/http-description.ts";
import { isGenuine, receiptsIn } from "./actors/effects/sms/http-receipts.ts";
import { createReceiptDesk } from "./actors/effects/sms/receipts.ts";
import { createSmppCarrier } from "./actors/effects/sms/smpp-carrier.ts";
import type {
  Clock,
  Directory,
  Log,
  Mailbox,
  Reads,
  SmsBudget,
  SmsGateway,
  SmsReceipts,
} from "./actors/runtime/ports.ts";
import type { Secrets } from "./actors/runtime/secrets.ts";
import { createSmsBudget } from "./actors/runtime/sms-budget.ts";
import type { Store } from "./store/store.ts";

/** What sending SMS and hearing of them are joined of. */
export interface SmsParts {
  settings: Pick<Settings, "mode" | "smsGateways" | "smsToken" | "smsCaps">;
  store: Pick<Store, "sms"> & { reads: Pick<Reads, "effect"> } & { directory: Pick<Directory, "firm"> };
  runtime: { committer: Mailbox };
  secrets: Pick<Secrets, "tag">;
  clock: Clock;
  log: Log;
}

type Described = NonNullable<Settings["smsGateways"]>[number];

/** The port `SmsGateway`: caps first, then the gateways of the settings, or the one at `smsUrl`. */
export function joinSmsGateway(parts: SmsParts, smsUrl: string): { gateway: SmsGateway; close(): void } {
  const { settings, store, clock, log } = parts;
  const carriers = settings.smsGateways?.map((one) => carrierOf(one, parts)) ?? [
    simpleCarrier(smsUrl, settings.smsToken),
  ];
  const [first] = carriers;
  const isHeardOf = settings.smsGateways?.some((one) => one.kind === "smpp" || one.receipts !== undefined);
  const gateway =
    carriers.length === 1 && first?.knowsKeys && !isHeardOf
      ? createLoneGateway(first)
      : createFailover({ carriers, book: store.sms, clock, log, onEarlyReceipt: deskOf(parts) });
  return {
    gateway: createBoundedSms({ gateway, budget: budgetOf(parts), directory: store.directory, clock }),
    close() {
      for (const carrier of carriers) carrier.close();
    },
  };
}

export function budgetOf({
  store,
  secrets,
  settings,
}: Pick<SmsParts, "store" | "secrets" | "settings">): SmsBudget {
  return createSmsBudget({ book: store.sms, directory: store.directory, secrets, caps: settings.smsCaps });
}

/** Receipts that come in by HTTP. */
export function joinSmsReceipts(parts: SmsParts): SmsReceipts {
  const desk = deskOf(parts);
  const descriptions = new Map(
    (parts.settings.smsGateways ?? []).flatMap((one): [string, ReceiptDescription][] => {
      const receipts = one.kind === "http" ? describedHttp(one).receipts : undefined;
      return receipts ? [[one.name, receipts]] : [];
    }),
  );
  return {
    async take(name, call) {
      const description = descriptions.get(name);
      if (!description) return "unknown";
      if (!isGenuine(description, call)) return "forged";
      const receipts = receiptsIn(name, description, call, parts.clock.now());
      if (!receipts) return "unreadable";
      for (const receipt of receipts) await desk(receipt);
      return "taken";
    },
  };
}

function deskOf({ store, runtime: { committer: mailbox } }: SmsParts) {
  return createReceiptDesk({ book: store.sms, mailbox, reads: store.reads });
}

/** The gateway of `SMS_URL`: it keeps what was sent under which key, and says no more. */
function simpleCarrier(url: string, token: string | undefined): Carrier {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const gateway = createHttpSmsGateway({ url, headers });
  return { name: "sms", knowsKeys: true, submit: (sms) => gateway.send(sms), close: () => undefined };
}

function carrierOf(described: Described, parts: SmsParts): Carrier {
  if (described.kind === "http") {
    const { knowsKeys, isPrivate, timeoutMs } = described;
    const mayLoop = parts.settings.mode === "test";
    const outgoing = createOutgoing({
      mayLoop,
      isTrusted: isPrivate,
      keepsConnections: knowsKeys,
      timeoutMs,
    });
    return createHttpCarrier(describedHttp(described), outgoing);
  }
  const { url, trust, ...rest } = described;
  const { protocol, hostname, port } = new URL(url);
  const isSecure = protocol === "ssmpp:";
  return createSmppCarrier({
    description: {
      ...rest,
      host: hostname.replace(/^\[|\]$/g, ""),
      port: Number(port || (isSecure ? 3550 : 2775)),
      isSecure,
      ...(trust !== undefined && { trust: readFileSync(trust, "utf8") }),
    },
    now: () => parts.clock.now(),
    onReceipt: deskOf(parts),
  });
}

/** What is absent is absent, not undefined. */
function describedHttp(described: Extract<Described, { kind: "http" }>): HttpDescription {
  return JSON.parse(JSON.stringify(described));
}
