import { expect } from "chai";
import { keys, type OpenDoor, openDoor } from "./support/a-door.ts";
import { call, type Json, launched, sessionOf } from "./support/caller.ts";

const many = { perKey: 9, sessionsPerIp: 9, failedLoginsPerIp: 9, perSignatory: 9, publicationPerIp: 9 };

describe("a rate limit", () => {
  let door: OpenDoor;
  afterEach(() => door.close());
  const last = (answers: { status: number; json: Json; headers: Headers }[]) => {
    const { status, json, headers } = answers.at(-1) ?? { status: 0, json: {}, headers: new Headers() };
    expect([status, json.code]).to.deep.equal([429, "rate_limited"]);
    expect(Number(headers.get("Retry-After"))).to.be.within(1, 60);
    expect(json.retryAfterSeconds).to.equal(Number(headers.get("Retry-After")));
  };

  it("holds for each key on its own", async () => {
    door = await openDoor({ rateLimits: { ...many, perKey: 2 } });
    const answers = [];
    for (let i = 0; i < 3; i++)
      answers.push(await call(`${door.url}/v1/collectes`, { bearer: keys.cabinet }));
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 429]);
    last(answers);
    expect((await call(`${door.url}/v1/collectes`, { bearer: keys.rival })).status).to.equal(200);
  });

  it("holds for each address that opens sessions", async () => {
    door = await openDoor({ rateLimits: { ...many, sessionsPerIp: 2 } });
    const answers = [];
    for (let i = 0; i < 3; i++)
      answers.push(await call(`${door.url}/v1/signing/sessions`, { body: { token: `t${i}` } }));
    expect(answers.map(({ status }) => status)).to.deep.equal([410, 410, 429]);
    last(answers);
  });

  it("holds for each address that asks what was revoked", async () => {
    door = await openDoor({ rateLimits: { ...many, publicationPerIp: 2 } });
    const answers = [];
    for (const path of ["00.crl", "00.cer", "ocsp/MAA="]) answers.push(await call(`${door.url}/pki/${path}`));
    expect(answers.map(({ status }) => status)).to.deep.equal([404, 404, 429]);
    last(answers);
  });

  it("believes X-Forwarded-For only of the proxies it is told of", async () => {
    const rateLimits = { ...many, sessionsPerIp: 1 };
    const open = (ip: string) =>
      call(`${door.url}/v1/signing/sessions`, { body: { token: "t" }, headers: { "X-Forwarded-For": ip } });
    door = await openDoor({ rateLimits });
    expect([(await open("192.0.2.1")).status, (await open("192.0.2.2")).status]).to.deep.equal([410, 429]);
    await door.close();
    door = await openDoor({ rateLimits, trustedProxies: 1 });
    expect([(await open("192.0.2.1")).status, (await open("192.0.2.2")).status]).to.deep.equal([410, 410]);
  });

  it("holds for each signatory, whatever the number of sessions", async () => {
    door = await openDoor({ rateLimits: { ...many, perSignatory: 2 } });
    const { id } = await launched(door);
    const answers = [];
    for (let i = 0; i < 3; i++) {
      answers.push(await call(`${door.url}/v1/signing`, { bearer: await sessionOf(door, id, "s1") }));
    }
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 429]);
    last(answers);
  });

  it("holds for each address that shows wrong secrets of an SMS gateway, before anything of it is read", async () => {
    door = await openDoor({ rateLimits: { ...many, failedLoginsPerIp: 2 } });
    let asked = 0;
    door.door.smsReceipts.take = async (_gateway, { pathSecret }) => {
      asked += 1;
      return pathSecret === "right" ? "taken" : "forged";
    };
    const answers = [];
    for (const secret of ["right", "right", "right", "a", "b", "right"]) {
      const url = `${door.url}/v1/sms/receipts/main/${secret}`;
      answers.push(await call(url, { body: new Uint8Array(1_000) }));
    }
    expect(answers.map(({ status }) => status)).to.deep.equal([204, 204, 204, 401, 401, 429]);
    expect(asked).to.equal(5);
    last(answers);
  });

  it("holds for each address that fails to log in, and counts nothing else", async () => {
    door = await openDoor({ rateLimits: { ...many, failedLoginsPerIp: 2 }, trustedProxies: 1 });
    const as = (ip: string, path: string, bearer: string) =>
      call(door.url + path, { bearer, headers: { "X-Forwarded-For": ip } });
    for (let i = 0; i < 4; i++) {
      expect((await as("192.0.2.1", "/v1/collectes", keys.cabinet)).status).to.equal(200);
    }
    let lookUps = 0;
    const { apiKey } = door.door.directory;
    door.door.directory.apiKey = (hash) => {
      lookUps += 1;
      return apiKey(hash);
    };
    const answers = [
      await as("192.0.2.1", "/v1/collectes", "ck_unknown"),
      await as("192.0.2.1", "/v1/signing", "no session"),
      await as("192.0.2.1", "/v1/collectes", "ck_unknown"),
    ];
    expect(answers.map(({ status }) => status)).to.deep.equal([401, 401, 429]);
    last(answers);
    expect(lookUps).to.equal(1);
    expect((await as("192.0.2.2", "/v1/collectes", keys.cabinet)).status).to.equal(200);
  });
});
