import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { createHttpRevocation } from "../../../src/actors/effects/http-revocation.ts";
import { createOutgoing } from "../../../src/actors/effects/outgoing.ts";
import { Retryable } from "../../../src/actors/runtime/errors.ts";
import { buildCrl } from "../../../src/workers/x509/crl.ts";
import { readOcspRequest } from "../../../src/workers/x509/ocsp.ts";
import { buildOcspRefusal, buildOcspResponse } from "../../../src/workers/x509/ocsp-response.ts";
import { revocationCodec } from "../../../src/workers/x509/revocation-codec.ts";
import { thrownBy } from "../../support/thrown.ts";
import { createAuthorities } from "../../workers/authorities.ts";
import { someDay } from "../../workers/pki.ts";

const hourMs = 3_600_000;

describe("the evidence of authorities outside", () => {
  const pki = createAuthorities();
  const outgoing = createOutgoing({ mayLoop: true });
  let server: Server;
  let url: string;
  let now: number;
  let asked: string[];
  let isOcspAway: boolean;
  let isCrlForged: boolean;

  const source = () => createHttpRevocation({ outgoing, codec: revocationCodec, clock: { now: () => now } });
  const chain = (ocsp: boolean) => {
    const urls = { crl: `${url}/list.crl`, ...(ocsp && { ocsp: `${url}/ocsp` }) };
    return [pki.issue("member", { urls }).certificateDer, pki.issuing.certificateDer, pki.rootDer];
  };

  before(async () => {
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const thisUpdate = new Date(now);
        const nextUpdate = new Date(now + hourMs);
        if (request.url === "/list.crl") {
          const by = isCrlForged ? createAuthorities().issuing : pki.issuing;
          response.end(buildCrl(by, { thisUpdate, nextUpdate, number: 1n, revoked: [] }));
          return;
        }
        const [certId] = readOcspRequest(Buffer.concat(chunks)).certIds;
        if (isOcspAway || certId === undefined) {
          response.end(buildOcspRefusal("tryLater"));
          return;
        }
        const statement = { certId, status: "good" as const, thisUpdate, nextUpdate };
        response.end(buildOcspResponse(pki.responder, [statement], thisUpdate));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    now = someDay.getTime();
    asked = [];
    isOcspAway = false;
    isCrlForged = false;
  });
  after(() => {
    outgoing.close();
    server.close();
  });

  it("is the responder's answer, kept until the next one is due", async () => {
    const [evidence, member] = [source(), chain(true)];
    const first = await evidence.evidenceFor(member);
    expect(first).to.include.keys("crls", "ocsps");
    expect(first.ocsps).to.have.length(1);
    expect(first.crls).to.have.length(0);
    expect(await evidence.evidenceFor(member)).to.deep.equal(first);
    expect(asked).to.deep.equal(["POST /ocsp"]);
    now += hourMs + 1;
    await evidence.evidenceFor(member);
    expect(asked).to.have.length(2);
  });

  it("is the CRL where the responder gives no answer, or there is none; one for all of an authority", async () => {
    isOcspAway = true;
    const evidence = source();
    expect((await evidence.evidenceFor(chain(true))).crls).to.have.length(1);
    expect((await evidence.evidenceFor(chain(false))).crls).to.have.length(1);
    expect(asked).to.deep.equal(["POST /ocsp", "GET /list.crl"]);
  });

  it("is waited for when nobody gives a usable answer", async () => {
    isOcspAway = true;
    isCrlForged = true;
    const error = await thrownBy(source().evidenceFor(chain(true)));
    expect(error).to.be.instanceOf(Retryable);
    expect(error).to.include({ code: "revocation_unreachable" });
  });

  it("is nothing for certificates that name nobody to ask", async () => {
    expect(await source().evidenceFor([pki.issuing.certificateDer, pki.rootDer])).to.deep.equal({
      crls: [],
      ocsps: [],
    });
  });
});
