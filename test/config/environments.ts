import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSettings, SettingsFault } from "../../config/settings.ts";

export const secret = "5ec7e7".repeat(11).slice(0, 64);
/** All that production needs. */
export const production = {
  COLLECTE_SECRET: secret,
  COLLECTE_BASE_URL: "https://sign.cabinet.example/",
  SMTP_URL: "smtps://mailer:hush-mail@smtp.example",
  SMS_URL: "https://sms.example/send",
  SMS_TOKEN: "hush-sms",
};

type Environment = Record<string, string | undefined>;

/** The faults that these variables have; none is a failure of the test. */
export function faultsOf(environment: Environment): readonly string[] {
  return faultOf(environment).faults;
}

export function faultOf(environment: Environment): SettingsFault {
  try {
    readSettings(environment);
  } catch (error) {
    if (error instanceof SettingsFault) return error;
    throw error;
  }
  throw new Error("no fault was found");
}

/** A folder of its own for each test of the suite that calls this. */
export function aFolder(): { readonly path: string; file(name: string, text: string): string } {
  let path = "";
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), "collecte-settings-"));
  });
  afterEach(() => rmSync(path, { recursive: true, force: true }));
  return {
    get path() {
      return path;
    },
    file(name, text) {
      const written = join(path, name);
      writeFileSync(written, text);
      return written;
    },
  };
}
