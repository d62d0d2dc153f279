import { randomBytes } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { CmsSigner } from "../../src/workers/cms/build.ts";
import { readTimestampRequest } from "../../src/workers/cms/timestamp/request.ts";
import { buildTimestampResponse } from "../../src/workers/cms/timestamp/response.ts";
import { buildTimestampToken } from "../../src/workers/cms/timestamp/token.ts";

/** How a TSA behaves: well, or as one that is broken or lies. */
export type TsaMood =
  | "well"
  | "refuse"
  | "hang"
  | "drop"
  | "wrong-nonce"
  | "no-nonce"
  | "wrong-imprint"
  | "wrong-policy"
  | "wrong-time"
  | "expired-certificate"
  | "not-a-unit"
  | "flipped-bit"
  | "garbage"
  | "huge"
  | "unavailable"
  | "forbidden"
  | "redirect"
  | "slow";

/** A TSA on loopback that does as it is told. */
export interface TestTsa {
  readonly url: string;
  mood: TsaMood;
  /** The headers of each request so far. */
  readonly asked: Record<string, string | string[] | undefined>[];
  close(): Promise<void>;
}

/** The certificates it answers with; `now` is its clock. */
export interface TestTsaOptions {
  unit: CmsSigner;
  expired: CmsSigner;
  notUnit: CmsSigner;
  now: () => number;
  slowMs?: number;
}

const policy = "1.3.6.1.4.1.99999.1.1";

export async function startTsa(options: TestTsaOptions): Promise<TestTsa> {
  const asked: TestTsa["asked"] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers);
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const ask = readTimestampRequest(Buffer.concat(chunks));
      const digest = ask.imprint.digest;
      const asFor = (mood: TsaMood) => tokenFor(mood, digest, ask.policy ?? policy, ask.nonce ?? 0n);
      answer(response, tsa.mood, asFor);
    });
  });

  function tokenFor(mood: TsaMood, digest: Uint8Array, wanted: string, nonce: bigint): Uint8Array {
    const signers: Partial<Record<TsaMood, CmsSigner>> = {
      "expired-certificate": options.expired,
      "not-a-unit": options.notUnit,
    };
    const token = buildTimestampToken(signers[mood] ?? options.unit, {
      digest: mood === "wrong-imprint" ? randomBytes(32) : digest,
      policy: mood === "wrong-policy" ? "1.2.3.4" : wanted,
      serial: BigInt(`0x${randomBytes(16).toString("hex")}`),
      genTime: new Date(options.now() - (mood === "wrong-time" ? 3_600_000 : 0)),
      ...(mood !== "no-nonce" && { nonce: mood === "wrong-nonce" ? nonce + 1n : nonce }),
    });
    const last = token.length - 1;
    if (mood === "flipped-bit") token[last] = (token[last] ?? 0) ^ 1;
    return token;
  }

  function answer(response: ServerResponse, mood: TsaMood, tokenDer: (mood: TsaMood) => Uint8Array): void {
    const send = (bytes: Uint8Array) =>
      response.writeHead(200, { "content-type": "application/timestamp-reply" }).end(bytes);
    switch (mood) {
      case "hang":
        return;
      case "drop":
        response.destroy();
        return;
      case "refuse":
        send(buildTimestampResponse({ failureInfo: "timeNotAvailable", text: "l'horloge dort" }));
        return;
      case "garbage":
        send(randomBytes(300));
        return;
      case "huge":
        send(Buffer.alloc(200_000, 0x30));
        return;
      case "unavailable":
        response.writeHead(503, { "retry-after": "120" }).end();
        return;
      case "forbidden":
        response.writeHead(403).end();
        return;
      case "redirect":
        response.writeHead(302, { location: "http://127.0.0.1:1/" }).end();
        return;
      case "slow":
        setTimeout(() => send(buildTimestampResponse({ tokenDer: tokenDer(mood) })), options.slowMs ?? 50);
        return;
      default:
        send(buildTimestampResponse({ tokenDer: tokenDer(mood) }));
    }
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const tsa: TestTsa = {
    url: `http://127.0.0.1:${port}/tsa`,
    mood: "well",
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return tsa;
}
