import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A CAS 3.0 server on the loopback: tickets are good once, for the service that they were made for. */
export interface CasServer {
  url: string;
  /** Who sits before the browser. */
  who: { user: string; attributes: Record<string, string> };
  /** Answered instead of what is right, when set. */
  lie: string | undefined;
  close(): Promise<void>;
}

export async function startCasServer(): Promise<CasServer> {
  const tickets = new Map<string, { service: string; who: CasServer["who"] }>();
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", running.url);
    const service = searchParams.get("service") ?? "";
    if (pathname === "/cas/login") {
      const ticket = `ST-${randomBytes(16).toString("hex")}`;
      tickets.set(ticket, { service, who: running.who });
      const back = new URL(service);
      back.searchParams.set("ticket", ticket);
      response.writeHead(302, { Location: back.href }).end();
      return;
    }
    const ticket = searchParams.get("ticket") ?? "";
    const known = pathname === "/cas/p3/serviceValidate" ? tickets.get(ticket) : undefined;
    tickets.delete(ticket);
    const inside = known?.service === service ? success(known.who) : failure;
    const right = `<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">${inside}</cas:serviceResponse>`;
    response.writeHead(200, { "Content-Type": "application/xml" }).end(running.lie ?? right);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const running: CasServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/cas`,
    who: { user: "nobody", attributes: {} },
    lie: undefined,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return running;
}

const failure = `<cas:authenticationFailure code="INVALID_TICKET">no</cas:authenticationFailure>`;

function success({ user, attributes }: CasServer["who"]): string {
  const told = Object.entries(attributes).map(([name, value]) => `<cas:${name}>${value}</cas:${name}>`);
  return `<cas:authenticationSuccess><cas:user>${user}</cas:user>
    <cas:attributes>${told.join("")}</cas:attributes></cas:authenticationSuccess>`;
}
