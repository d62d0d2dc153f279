import { join } from "node:path";
import { inspect } from "node:util";
import { expect } from "chai";
import { readSettings } from "../../config/settings.ts";
import { aFolder, faultOf, faultsOf, production } from "./environments.ts";

describe("the settings", () => {
  const folder = aFolder();

  it("name the roles of a process, all of them unless said", () => {
    const database = { COLLECTE_DATA: folder.path, DATABASE_URL: "postgres://db.example/collecte" };
    expect(readSettings({ COLLECTE_DATA: folder.path }).roles).to.deep.equal([
      "http",
      "actors",
      "effects",
      "cron",
    ]);
    const { roles } = readSettings({ ...database, COLLECTE_ROLES: "cron, http" });
    expect(roles).to.deep.equal(["http", "cron"]);
  });

  it("refuse roles that there are not, that nobody else could fill, or whose links would lead nowhere", () => {
    const database = { DATABASE_URL: "postgres://db.example/collecte" };
    expect(faultsOf({ ...database, COLLECTE_ROLES: "http,mail" })).to.deep.equal([
      "COLLECTE_ROLES: no such role: mail; there are http, actors, effects, cron",
    ]);
    expect(faultsOf({ ...database, COLLECTE_ROLES: "," })).to.have.length(1);
    expect(faultsOf({ COLLECTE_ROLES: "http" })).to.deep.equal([
      "COLLECTE_ROLES: fewer than all roles needs DATABASE_URL, where other processes do the rest",
    ]);
    expect(faultsOf({ ...database, COLLECTE_ROLES: "effects" })).to.deep.equal([
      "COLLECTE_BASE_URL: needed by the role effects without http: links in mails begin with it",
    ]);
  });

  it("name a TSA outside, and how it is asked", () => {
    const trust = folder.file("tsa.pem", "");
    const address = { TSA_URL: "https://tsa.example/", TSA_TRUST: trust };
    const given = { COLLECTE_DATA: folder.path, ...address, TSA_POLICY: "1.2.3" };
    expect(readSettings(given).tsa).to.deep.equal({
      url: "https://tsa.example/",
      policy: "1.2.3",
      trustFile: trust,
    });
    const basic = readSettings({
      ...given,
      TSA_USERNAME: "x",
      TSA_PASSWORD_FILE: folder.file("p", "hush\n"),
    }).tsa;
    expect(basic?.authorization).to.equal("Basic eDpodXNo");
    expect(readSettings({ ...given, TSA_TOKEN: "hush" }).tsa?.authorization).to.equal("Bearer hush");
    expect(readSettings({ COLLECTE_DATA: folder.path }).tsa).to.equal(undefined);
    expect(faultsOf({ TSA_TOKEN: "hush", TSA_POLICY: "1.2" })).to.deep.equal([
      "TSA_TOKEN: means nothing without TSA_URL",
      "TSA_POLICY: means nothing without TSA_URL",
    ]);
    expect(faultsOf({ ...given, TSA_USERNAME: "x", TSA_TOKEN: "y", TSA_TRUST: "/nowhere" })).to.have.length(
      3,
    );
    expect(faultsOf({ ...production, ...address, TSA_URL: "http://tsa.example/" })).to.deep.equal([
      "TSA_URL: must begin with https:// in production mode",
    ]);
    expect(faultsOf({ ...address, TSA_POLICY: "1..2" })).to.have.length(1);
  });

  it("ask for a TSA's roots: what leads nowhere proves nothing", () => {
    expect(faultsOf({ TSA_URL: "https://tsa.example/" })).to.deep.equal([
      "TSA_TRUST: needed with TSA_URL: the certificates that the TSA's leads to",
    ]);
  });

  it("name the level of signatures, the highest unless said, and the policy of our timestamps", () => {
    const { level, timestampPolicy } = readSettings({ COLLECTE_DATA: folder.path });
    expect({ level, timestampPolicy }).to.deep.equal({ level: "B-LTA", timestampPolicy: "2.999.1.1" });
    expect(readSettings({ COLLECTE_DATA: folder.path, COLLECTE_LEVEL: "B-T" }).level).to.equal("B-T");
    expect(faultsOf({ COLLECTE_LEVEL: "B-X", COLLECTE_TIMESTAMP_POLICY: "1..2" })).to.have.length(2);
  });

  it("have a default for all that is not secret", () => {
    const settings = readSettings({ COLLECTE_DATA: folder.path });
    expect(settings).to.deep.include({
      mode: "test",
      secretFrom: "made for tests",
      host: "127.0.0.1",
      port: 8080,
      baseUrl: undefined,
      dataFolder: folder.path,
      logLevel: "info",
      maxDocumentBytes: 10_485_760,
      maxDocumentPages: 500,
      leaseMs: 20_000,
      retention: { uploadDays: 7, receiptDays: 90, leapHours: 6, steadyHours: 24 },
      deliveryFolder: undefined,
      certify: false,
      lock: false,
      redisUrl: undefined,
      smtpUrl: undefined,
    });
    expect(settings.threads).to.be.within(1, 8);
  });

  it("limit a gateway by the second, by the day, or not at all", () => {
    const ratesOf = (rates: Record<string, string>) =>
      readSettings({ COLLECTE_DATA: folder.path, ...rates }).gatewayRates;
    expect(ratesOf({})).to.deep.equal({});
    expect(ratesOf({ COLLECTE_SMS_PER_DAY: "500" })).to.deep.equal({ sms: { perDay: 500 } });
    expect(
      ratesOf({ COLLECTE_MAILS_PER_SECOND: "14", COLLECTE_SMS_PER_SECOND: "1", COLLECTE_SMS_PER_DAY: "9" }),
    ).to.deep.equal({ mail: { perSecond: 14 }, sms: { perSecond: 1, perDay: 9 } });
    expect(faultsOf({ COLLECTE_DATA: folder.path, COLLECTE_MAILS_PER_SECOND: "0" })).to.have.length(1);
  });

  it("are read by name, and numbers are numbers", () => {
    const settings = readSettings({
      ...production,
      COLLECTE_PORT: "0",
      COLLECTE_THREADS: "3",
      COLLECTE_LEASE_SECONDS: "30",
      COLLECTE_UPLOAD_DAYS: "1",
      COLLECTE_RECEIPT_DAYS: "30",
      COLLECTE_LEAP_HOURS: "100",
      COLLECTE_STEADY_HOURS: "2",
      COLLECTE_DELIVERY_FOLDER: "/srv/signed",
      COLLECTE_CERTIFY: "true",
      COLLECTE_LOCK: "true",
      COLLECTE_REQUESTS_PER_MINUTE: "70",
      COLLECTE_SESSIONS_PER_MINUTE: "8",
      COLLECTE_FAILED_LOGINS_PER_MINUTE: "7",
      COLLECTE_PUBLICATION_REQUESTS_PER_MINUTE: "11",
      COLLECTE_SIGNING_REQUESTS_PER_MINUTE: "9",
      REDIS_URL: "redis://127.0.0.1:6379",
    });
    expect(settings).to.deep.include({
      port: 0,
      threads: 3,
      leaseMs: 30_000,
      retention: { uploadDays: 1, receiptDays: 30, leapHours: 100, steadyHours: 2 },
      deliveryFolder: "/srv/signed",
      certify: true,
      lock: true,
      rateLimits: {
        perKey: 70,
        sessionsPerIp: 8,
        failedLoginsPerIp: 7,
        perSignatory: 9,
        publicationPerIp: 11,
      },
      redisUrl: "redis://127.0.0.1:6379",
      smsToken: "hush-sms",
    });
    expect(settings.baseUrl, "without the slash at its end").to.equal("https://sign.cabinet.example");
  });

  it("take a variable that is empty for one that is not there, and others' variables for theirs", () => {
    const settings = readSettings({ COLLECTE_DATA: folder.path, COLLECTE_PORT: "", PATH: "/bin", PORT: "x" });
    expect(settings.port).to.equal(8080);
  });

  it("report every fault at once, by name", () => {
    const fault = faultOf({
      COLLECTE_DATA: folder.path,
      COLLECTE_PORT: "65536",
      COLLECTE_THREADS: "many",
      COLLECTE_LOG_LEVEL: "loud",
      COLLECTE_BASE_URL: "ftp://sign.example",
      COLLECTE_PROT: "1",
      REDIS_URL: "127.0.0.1",
      COLLECTE_SECRET_FILE: join(folder.path, "nowhere"),
      DATABASE_URL: "mysql://u:p@host/db",
    });
    const names = fault.faults.map((text) => text.slice(0, text.indexOf(":")));
    expect(names).to.have.members([
      "COLLECTE_PORT",
      "COLLECTE_THREADS",
      "COLLECTE_LOG_LEVEL",
      "COLLECTE_BASE_URL",
      "COLLECTE_PROT",
      "REDIS_URL",
      "COLLECTE_SECRET_FILE",
      "DATABASE_URL",
    ]);
    for (const text of fault.faults) expect(fault.message).to.contain(text);
    expect(fault.name).to.equal("SettingsFault");
  });

  it("refuse a name that they don't know, and say which was meant", () => {
    const faults = (name: string) => faultsOf({ COLLECTE_DATA: folder.path, [name]: "1" });
    expect(faults("COLLECTE_PROT")).to.eql(["COLLECTE_PROT: unknown setting, did you mean COLLECTE_PORT?"]);
    expect(faults("COLLECTE_BASEURL")).to.eql([
      "COLLECTE_BASEURL: unknown setting, did you mean COLLECTE_BASE_URL?",
    ]);
    expect(faults("COLLECTE_COLOUR_OF_THE_SKY")).to.eql(["COLLECTE_COLOUR_OF_THE_SKY: unknown setting"]);
    expect(faults("COLLECTE_PORT_FILE"), "only secrets come from files").to.have.length(1);
  });

  it("take PostgreSQL by its URL or by a file, and refuse any other database without its password", () => {
    for (const protocol of ["postgres", "postgresql"]) {
      const url = `${protocol}://u:p@host:5433/db`;
      expect(readSettings({ COLLECTE_DATA: folder.path, DATABASE_URL: url }).database).to.eql({
        url,
        lanes: 1,
      });
    }
    expect(readSettings({ COLLECTE_DATA: folder.path }).database).to.equal(undefined);
    const faults = faultsOf({ COLLECTE_DATA: folder.path, DATABASE_URL: "mysql://u:hush-db@host/db" });
    expect(faults).to.have.length(1);
    expect(faults[0]).to.match(/^DATABASE_URL: must be a URL that begins with postgres/);
    expect(faults[0]).not.to.contain("hush-db");
  });

  it("take the nodes of a Redis Cluster with commas between, and a comma in a password for itself", () => {
    const read = (url: string) => readSettings({ COLLECTE_DATA: folder.path, REDIS_URL: url }).redisUrl;
    for (const url of ["redis://a:7000,redis://b:7001", "rediss://:p,w@a:7000, rediss://:p,w@b:7000"])
      expect(read(url)).to.equal(url);
    for (const url of [
      "redis://a:7000,",
      "redis://a:7000,redis://:hush-redis@b:x",
      "redis://a:1,http://b:2",
    ]) {
      const faults = faultsOf({ COLLECTE_DATA: folder.path, REDIS_URL: url });
      expect(faults.join())
        .to.match(/^REDIS_URL: must be a URL/)
        .and.not.contain("hush-redis");
    }
  });

  it("never print a secret, whatever is wrong with it", () => {
    const hushed = ["hush-secret", "hush-redis", "hush-mail", "hush-file"];
    const fault = faultOf({
      COLLECTE_MODE: "production",
      COLLECTE_PORT: "none",
      COLLECTE_SECRET: "hush-secret",
      REDIS_URL: "http://:hush-redis@127.0.0.1",
      SMTP_URL: "https://me:hush-mail@smtp.example",
      SMS_TOKEN_FILE: folder.file("token", "hush-file"),
      SMS_URL: "gopher://sms:hush-file@example",
    });
    expect(fault.faults.map((text) => text.split(":")[0])).to.include.members([
      "COLLECTE_SECRET",
      "REDIS_URL",
      "SMTP_URL",
      "SMS_URL",
    ]);
    for (const text of [fault.message, fault.stack, inspect(fault, { depth: 9 }), JSON.stringify(fault)]) {
      for (const hush of hushed) expect(text).not.to.contain(hush);
    }
  });

  it("are frozen, with all that is in them", () => {
    const settings = readSettings({ COLLECTE_DATA: folder.path });
    expect(settings).to.be.frozen;
    expect(settings.rateLimits).to.be.frozen;
    expect(() => Object.assign(settings.rateLimits, { perKey: 1 })).to.throw(TypeError);
    expect(() => Object.assign(settings, { port: 1 })).to.throw(TypeError);
  });
});
