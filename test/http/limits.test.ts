import { expect } from "chai";
import { keys, type OpenDoor, openDoor } from "./support/a-door.ts";
import { call, type Json, launched, sessionOf } from "./support/caller.ts";

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
    door = await openDoor({ rateLimits: { perKey: 2, sessionsPerIp: 9, perSignatory: 9 } });
    const answers = [];
    for (let i = 0; i < 3; i++)
      answers.push(await call(`${door.url}/v1/collectes`, { bearer: keys.cabinet }));
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 429]);
    last(answers);
    expect((await call(`${door.url}/v1/collectes`, { bearer: keys.rival })).status).to.equal(200);
  });

  it("holds for each address that opens sessions", async () => {
    door = await openDoor({ rateLimits: { perKey: 9, sessionsPerIp: 2, perSignatory: 9 } });
    const answers = [];
    for (let i = 0; i < 3; i++)
      answers.push(await call(`${door.url}/v1/signing/sessions`, { body: { token: `t${i}` } }));
    expect(answers.map(({ status }) => status)).to.deep.equal([410, 410, 429]);
    last(answers);
  });

  it("believes X-Forwarded-For only of the proxies it is told of", async () => {
    const rateLimits = { perKey: 9, sessionsPerIp: 1, perSignatory: 9 };
    const open = (ip: string) =>
      call(`${door.url}/v1/signing/sessions`, { body: { token: "t" }, headers: { "X-Forwarded-For": ip } });
    door = await openDoor({ rateLimits });
    expect([(await open("192.0.2.1")).status, (await open("192.0.2.2")).status]).to.deep.equal([410, 429]);
    await door.close();
    door = await openDoor({ rateLimits, trustedProxies: 1 });
    expect([(await open("192.0.2.1")).status, (await open("192.0.2.2")).status]).to.deep.equal([410, 410]);
  });

  it("holds for each signatory, whatever the number of sessions", async () => {
    door = await openDoor({ rateLimits: { perKey: 9, sessionsPerIp: 9, perSignatory: 2 } });
    const { id } = await launched(door);
    const answers = [];
    for (let i = 0; i < 3; i++) {
      answers.push(await call(`${door.url}/v1/signing`, { bearer: await sessionOf(door, id, "s1") }));
    }
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 429]);
    last(answers);
  });
});
