import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { readSettings } from "../../config/settings.ts";
import { aFolder, faultOf, faultsOf, production, secret } from "./environments.ts";

describe("the settings of a mode", () => {
  const folder = aFolder();

  describe("the secret", () => {
    it("is 32 bytes or more, in hexadecimal or base64", () => {
      const bytes = Buffer.from(secret, "hex");
      expect(readSettings(production).secret).to.deep.equal(bytes);
      const inBase64 = readSettings({ ...production, COLLECTE_SECRET: bytes.toString("base64") });
      expect(inBase64.secret).to.deep.equal(bytes);
      expect(faultsOf({ ...production, COLLECTE_SECRET: secret.slice(2) })[0]).to.match(/^COLLECTE_SECRET: /);
    });

    it("may come from a file, and so may the other secrets", () => {
      const settings = readSettings({
        COLLECTE_BASE_URL: production.COLLECTE_BASE_URL,
        SMS_URL: production.SMS_URL,
        COLLECTE_SECRET_FILE: folder.file("secret", `${secret}\n`),
        SMTP_URL_FILE: folder.file("smtp", `${production.SMTP_URL}\n`),
        SMS_TOKEN_FILE: folder.file("token", "  hush-sms \n"),
        REDIS_URL_FILE: folder.file("redis", "rediss://:hush@redis.example:6380\n"),
      });
      expect(settings).to.deep.include({
        mode: "production",
        secretFrom: "environment",
        secret: Buffer.from(secret, "hex"),
        smtpUrl: production.SMTP_URL,
        smsToken: "hush-sms",
        redisUrl: "rediss://:hush@redis.example:6380",
      });
    });

    it("in a file that can't be read is a fault that shows no path", () => {
      const path = join(folder.path, "not-there");
      const faults = faultsOf({ ...production, SMTP_URL: undefined, SMTP_URL_FILE: path });
      expect(faults).to.eql(["SMTP_URL_FILE: the file can't be read", "SMTP_URL: needed in production mode"]);
    });
  });

  describe("in production", () => {
    it("need all that is secret, and say so at once", () => {
      const needed = faultsOf({ COLLECTE_MODE: "production", COLLECTE_DATA: folder.path });
      expect(needed).to.eql([
        "COLLECTE_SECRET: needed in production mode: openssl rand -hex 32",
        "COLLECTE_BASE_URL: needed in production mode",
        "SMTP_URL: needed in production mode",
        "SMS_URL: needed in production mode",
      ]);
    });

    it("are asked for by NODE_ENV and by a secret too", () => {
      expect(faultsOf({ NODE_ENV: "production", COLLECTE_DATA: folder.path })).to.have.length(4);
      expect(faultsOf({ COLLECTE_SECRET: secret, COLLECTE_DATA: folder.path })).to.have.length(3);
      expect(readSettings(production).mode).to.equal("production");
    });

    it("make no secret of their own", () => {
      faultOf({ NODE_ENV: "production", COLLECTE_DATA: folder.path });
      expect(() => statSync(join(folder.path, "test-mode-secret"))).to.throw();
    });
  });

  describe("in test mode", () => {
    it("make a secret, keep it in the data folder for their owner alone, and find it again", () => {
      const dataFolder = join(folder.path, "new", "data");
      const first = readSettings({ COLLECTE_DATA: dataFolder });
      const kept = join(dataFolder, "test-mode-secret");
      expect(statSync(kept).mode & 0o777).to.equal(0o600);
      expect(readFileSync(kept, "utf8").trim()).to.equal(Buffer.from(first.secret).toString("hex"));
      expect(first.secret).to.have.length(32);
      expect(readSettings({ COLLECTE_DATA: dataFolder }).secret).to.deep.equal(first.secret);
      const elsewhere = readSettings({ COLLECTE_DATA: join(folder.path, "other") });
      expect(elsewhere.secret).not.to.deep.equal(first.secret);
    });

    it("may be asked for with a secret from outside", () => {
      const settings = readSettings({
        COLLECTE_MODE: "test",
        COLLECTE_SECRET: secret,
        COLLECTE_DATA: folder.path,
      });
      expect(settings).to.include({ mode: "test", secretFrom: "environment" });
    });
  });
});
