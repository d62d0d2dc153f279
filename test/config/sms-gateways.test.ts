import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { readSettings, SettingsFault } from "../../config/settings.ts";
import { aFolder } from "./environments.ts";

const http = {
  name: "main",
  kind: "http",
  url: "https://sms.example/send",
  body: { to: "{to}" },
  receipts: {
    secret: { kind: "path", value: "hush-hush-hush-hush" },
    reference: "/id",
    status: "/status",
    delivered: ["ok"],
    failed: ["ko"],
  },
};
const smpp = {
  name: "backup",
  kind: "smpp",
  url: "ssmpp://smsc.example:3550",
  systemId: "x",
  password: "hush-smpp",
};

describe("the SMS gateways of the settings", () => {
  const folder = aFolder();

  const read = (gateways: unknown, more: Record<string, string> = {}) =>
    readSettings({ COLLECTE_DATA: folder.path, SMS_GATEWAYS: JSON.stringify(gateways), ...more });
  const faults = (gateways: unknown, more: Record<string, string> = {}): readonly string[] => {
    try {
      read(gateways, more);
    } catch (error) {
      if (error instanceof SettingsFault) return error.faults;
      throw error;
    }
    return [];
  };
  const production = {
    COLLECTE_SECRET: "5ec7e7".repeat(11).slice(0, 64),
    COLLECTE_BASE_URL: "https://sign.example",
    SMTP_URL: "smtps://smtp.example",
  };

  it("come in their order, from the environment or a file, with what is usual", () => {
    const [first, second] = read([http, smpp]).smsGateways ?? [];
    expect(first).to.deep.include({
      method: "POST",
      content: "json",
      numbers: "plus",
      knowsKeys: false,
      answers: [],
    });
    expect(second).to.include({ name: "backup", window: 10, receiptIds: "same" });
    const file = join(folder.path, "gateways.json");
    writeFileSync(file, JSON.stringify([smpp]));
    const settings = readSettings({ COLLECTE_DATA: folder.path, ...production, SMS_GATEWAYS_FILE: file });
    expect(settings.smsGateways).to.have.length(1);
    expect(settings.smsUrl).to.equal(undefined);
  });

  it("say what is wrong with them by its place, and never a secret", () => {
    const short = { ...http.receipts, secret: { kind: "path", value: "hush" } };
    const told = faults([{ ...http, receipts: short, odd: 1 }, { ...smpp, window: 0 }, { kind: "fax" }]);
    expect(told.join("\n")).to.match(/SMS_GATEWAYS: 0\/receipts\/secret/);
    expect(told.join("\n")).to.match(/SMS_GATEWAYS: 1\/window/);
    expect(told.join("\n")).not.to.match(/hush/);
    expect(faults([])).to.have.length(1);
    expect(faults([http, { ...smpp, name: "main" }])).to.deep.equal([
      "SMS_GATEWAYS: two gateways have the same name",
    ]);
    expect(faults("[")).to.have.length(1);
    expect(faults([{ ...http, method: "GET" }])).to.deep.equal([
      "SMS_GATEWAYS: main: a GET has no body: content must be query",
    ]);
    expect(faults([{ ...smpp, trust: "/nowhere" }])).to.deep.equal([
      "SMS_GATEWAYS: backup: trust: the file can't be read",
    ]);
    expect(faults([http], { SMS_URL: "https://sms.example" })).to.have.length(1);
  });

  it("may be as docs/operating.md shows them", () => {
    const [, example = ""] =
      /```json\n(\[[\s\S]*?\])\n```/.exec(readFileSync("docs/operating.md", "utf8")) ?? [];
    expect(faults(JSON.parse(example), production)).to.deep.equal([]);
  });

  it("in production carry codes in clear only inside one's own network", () => {
    expect(faults([http, smpp], production)).to.deep.equal([]);
    const plain = [
      { ...http, url: "http://10.0.0.7/send" },
      { ...smpp, url: "smpp://10.0.0.8" },
    ];
    expect(faults(plain, production)).to.have.length(2);
    expect(
      faults(
        plain.map((one) => ({ ...one, isPrivate: true })),
        production,
      ),
    ).to.deep.equal([]);
    expect(faults(plain)).to.deep.equal([]);
  });

  it("stand beside the caps, and where mails come back to", () => {
    const settings = readSettings({ COLLECTE_DATA: folder.path });
    expect(settings.smsCaps).to.deep.equal({ perNumber: 10, perFirm: 20_000 });
    expect(settings.bounces).to.equal(undefined);
    const bounces = { COLLECTE_BOUNCE_DOMAIN: "Bounces.Example.com", COLLECTE_BOUNCE_PORT: "2525" };
    expect(readSettings({ COLLECTE_DATA: folder.path, ...bounces }).bounces).to.deep.equal({
      domain: "bounces.example.com",
      port: 2525,
    });
    expect(faults([http], { COLLECTE_BOUNCE_PORT: "2525" })).to.deep.equal([
      "COLLECTE_BOUNCE_PORT: means nothing without COLLECTE_BOUNCE_DOMAIN",
    ]);
    expect(faults([http], { COLLECTE_BOUNCE_DOMAIN: "no domain" })).to.have.length(1);
  });
});
