import type { LookupAddress } from "node:dns";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { createOutgoing, type OutgoingOptions } from "../../../src/actors/effects/outgoing.ts";
import { isPublic } from "../../../src/actors/effects/public-address.ts";
import { Retryable, Terminal } from "../../../src/actors/runtime/errors.ts";
import { thrownBy } from "../../support/thrown.ts";

describe("addresses on the public Internet", () => {
  for (const address of [
    ...["0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.31.255.255", "192.168.1.1"],
    ...[
      "198.18.0.1",
      "203.0.113.9",
      "224.0.0.1",
      "255.255.255.255",
      "::",
      "::1",
      "fe80::1",
      "fd00::1",
      "ff02::1",
    ],
    ...[
      "::ffff:10.0.0.1",
      "::ffff:8.8.8.8",
      "64:ff9b::a00:1",
      "64:ff9b:1::1",
      "2002:a00:1::1",
      "2001:0:1::1",
    ],
    ...["2001:db8::1", "::a00:1", "fec0::1", "100::1"],
  ]) {
    it(`have not ${address} among them`, () => expect(isPublic(address)).to.equal(false));
  }

  it("are the others", () => {
    for (const address of ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a01:e0a::1"]) {
      expect(isPublic(address), address).to.equal(true);
    }
  });
});

describe("the way out", () => {
  let server: Server;
  let url: string;
  let connections = 0;

  before(async () => {
    server = createServer((request, response) => {
      if (request.url === "/hang") return;
      if (request.url === "/drip") {
        response.write("a");
        return;
      }
      if (request.url === "/large") response.end(Buffer.alloc(5_000));
      else if (request.url === "/away") response.writeHead(302, { location: "/" }).end("moved");
      else request.pipe(response);
    });
    server.on("connection", () => connections++);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });

  const sent = (
    asked: string,
    options: Partial<OutgoingOptions> = {},
    more: { mayBePlain?: boolean; body?: Uint8Array } = {},
  ) => {
    const outgoing = createOutgoing({ mayLoop: true, ...options });
    return outgoing
      .send({ url: asked, method: "POST", maxReplyBytes: 1_000, ...more })
      .finally(() => outgoing.close());
  };
  const code = async (work: Promise<unknown>) => (await thrownBy(work)) as Retryable | Terminal;

  it("brings the answer, whatever its status, and follows no redirect", async () => {
    const reply = await sent(`${url}/`, {}, { body: Buffer.from("abc") });
    expect(reply).to.deep.include({ status: 200, body: Buffer.from("abc") });
    expect((await sent(`${url}/away`)).status).to.equal(302);
  });

  it("keeps its connections", async () => {
    const outgoing = createOutgoing({ mayLoop: true });
    const before = connections;
    for (let i = 0; i < 5; i++) await outgoing.send({ url, method: "GET", maxReplyBytes: 1_000 });
    expect(connections - before).to.equal(1);
    outgoing.close();
  });

  it("gives up after its time, also on an answer that drips, and on one too large", async () => {
    for (const path of ["/hang", "/drip"]) {
      expect(await code(sent(url + path, { timeoutMs: 300 }))).to.include({
        code: "outgoing_timeout",
        name: "Retryable",
      });
    }
    expect(await code(sent(`${url}/large`))).to.include({ code: "outgoing_reply_too_large" });
    expect(await code(sent("http://127.0.0.1:1/"))).to.include({ code: "outgoing_unreachable" });
  });

  it("leads to https alone, but for what is signed itself; never to what carries a password", async () => {
    for (const refused of [
      "http://example.org/",
      "ftp://example.org/",
      "https://a:b@example.org/",
      "no url",
    ]) {
      const error = await code(sent(refused, { mayLoop: false }));
      expect(error).to.be.instanceOf(Terminal);
      expect(error.code).to.equal("outgoing_url_refused");
    }
  });

  it("leads nowhere inside, however the address is written", async () => {
    const before = connections;
    const { port } = new URL(url);
    const hosts = [
      "127.0.0.1",
      "2130706433",
      "0x7f.1",
      "[::ffff:127.0.0.1]",
      "[::1]",
      "169.254.169.254",
      "localhost",
    ];
    for (const host of hosts) {
      const error = await code(sent(`http://${host}:${port}/`, { mayLoop: false }, { mayBePlain: true }));
      expect(error.code, host).to.equal("outgoing_address_refused");
    }
    // In test mode http leads to this machine, and still nowhere else.
    expect((await code(sent("http://10.0.0.1/"))).code).to.equal("outgoing_address_refused");
    expect((await code(sent("http://8.8.8.8/"))).code).to.equal("outgoing_address_refused");
    expect(connections).to.equal(before);
  });

  it("connects to the very address that was judged, looked up once; one bad address spoils a name", async () => {
    let lookups = 0;
    const resolving = (...addresses: string[]) =>
      ((_name: string, _options: object, callback: (error: null, found: LookupAddress[]) => void) => {
        lookups++;
        callback(
          null,
          addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
        );
      }) as unknown as NonNullable<OutgoingOptions["resolve"]>;
    const named = url.replace("127.0.0.1", "tsa.example");
    const body = Buffer.from("x");
    expect((await sent(named, { resolve: resolving("127.0.0.1") }, { body })).status).to.equal(200);
    expect(lookups).to.equal(1);
    const mixed = { resolve: resolving("8.8.8.8", "10.0.0.1"), mayLoop: false };
    expect((await code(sent("https://tsa.example/", mixed))).code).to.equal("outgoing_address_refused");
    const mapped = { resolve: resolving("::ffff:127.0.0.1") };
    expect(await code(sent(named, mapped)))
      .to.be.instanceOf(Terminal)
      .and.not.instanceOf(Retryable);
  });
});
