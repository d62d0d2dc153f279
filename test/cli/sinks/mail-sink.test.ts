import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { simpleParser } from "mailparser";
import { createSmtpMailer } from "../../../src/actors/effects/smtp-mailer.ts";
import { startMailSink } from "../../../src/cli/sinks/mail-sink.ts";
import { parseMail } from "../../../src/cli/sinks/parse-mail.ts";

const mail = (n: number, subject = `Mail ${n}`, text = `Texte ${n}\n`) => ({
  messageId: `<${n}@mail.example.com>`,
  to: { name: "Zoé", address: "Zoe@example.com" },
  subject,
  text,
  html: `<p>${text}</p>`,
});

describe("the mail sink", () => {
  it("gives a mail to who asked before it came, and keeps it for who asks after", async () => {
    const sink = await startMailSink();
    const mailer = createSmtpMailer({ smtpUrl: sink.url, from: "a@example.com" });
    const second = sink.next("zoe@example.com", ({ subject }) => subject === "Mail 2");
    await mailer.send(mail(1));
    await mailer.send(mail(2));
    expect((await second).text).to.equal("Texte 2\n");
    expect((await sink.next("ZOE@example.com")).subject).to.equal("Mail 1");
    const nothing = await sink.next("zoe@example.com", undefined, 20).catch((error: Error) => error.message);
    expect(nothing).to.equal("no mail came in 20 ms");
    mailer.close();
    await sink.close();
  });

  it("fails whoever still waits when it is closed", async () => {
    const sink = await startMailSink();
    const waiting = sink.next("zoe@example.com").catch((error: Error) => error.message);
    await sink.close();
    expect(await waiting).to.equal("the sink is closed");
  });

  it("reads what a whole parser reads, and keeps the mails as files", async () => {
    const directory = await mkdtemp(join(tmpdir(), "mail-sink-"));
    const sink = await startMailSink({ directory });
    const mailer = createSmtpMailer({ smtpUrl: sink.url, from: "a@example.com" });
    const texts: [string, string][] = [
      ["Short", "ascii\n"],
      [
        "À signer : lettre de mission de l'Œil du Sud — exercice 2027, première et dernière relance",
        "é à ç €\n",
      ],
      ["Long lines", `${"très ".repeat(300)}\n.\n..dots\n=3D =\nFrom me\n`],
      ["日本語の件名 😀", `${"日本語 ".repeat(200)}\n`],
    ];
    for (const [n, [subject, text]] of texts.entries()) await mailer.send(mail(n, subject, text));
    const files = (await readdir(directory)).sort();
    expect(files.every((name) => /^\d{4}-\d\d-\d\dT.*\.eml$/.test(name))).to.equal(true);
    expect(files).to.have.length(4);
    for (const [n, file] of files.entries()) {
      const raw = await readFile(join(directory, file));
      const ours = parseMail(raw, "Zoe@example.com");
      const theirs = await simpleParser(raw);
      expect(ours.subject).to.equal(theirs.subject).and.to.equal(texts[n]?.[0]);
      expect(ours.text).to.equal(theirs.text).and.to.equal(texts[n]?.[1]);
      expect(ours.messageId).to.equal(theirs.messageId);
    }
    mailer.close();
    await sink.close();
    await rm(directory, { recursive: true });
  });
});
