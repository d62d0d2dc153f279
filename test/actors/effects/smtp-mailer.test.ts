import { createServer, type Server, type Socket } from "node:net";
import { expect } from "chai";
import { createSmtpMailer } from "../../../src/actors/effects/smtp-mailer.ts";
import { Retryable, Terminal } from "../../../src/actors/runtime/errors.ts";
import type { MailMessage } from "../../../src/actors/runtime/ports.ts";
import { type MailSink, startMailSink } from "../../../src/cli/sinks/mail-sink.ts";

const mail: MailMessage = {
  messageId: "<col_1.2.0@mail.example.com>",
  to: { name: "Alice Bœuf", address: "alice@example.com" },
  subject: "À signer : Lettre de mission 2027 pour l'Œil du Sud et ses nombreux établissements secondaires",
  text: "Bonjour Alice,\n\nhttps://sign.example.com/sign#aVeryLongTokenOfFortyThreeCharacters-0123456789\n",
  html: "<p>Bonjour Alice</p>",
};
const from = "Cabinet Bérénice <signature@example.com>";

describe("the SMTP mailer and a real SMTP server", () => {
  let sink: MailSink;
  let mailer: ReturnType<typeof createSmtpMailer>;

  beforeEach(async () => {
    sink = await startMailSink();
    mailer = createSmtpMailer({ smtpUrl: sink.url, from });
  });
  afterEach(async () => {
    mailer.close();
    await sink.close();
  });

  it("deliver a mail whole, and answer with its Message-ID", async () => {
    expect(await mailer.send(mail)).to.deep.equal({ reference: mail.messageId });
    expect(await sink.next("alice@example.com")).to.deep.equal({
      to: "alice@example.com",
      subject: mail.subject,
      text: mail.text,
      messageId: mail.messageId,
      links: ["https://sign.example.com/sign#aVeryLongTokenOfFortyThreeCharacters-0123456789"],
    });
  });

  it("know a second try by its Message-ID", async () => {
    await mailer.send(mail);
    await mailer.send(mail);
    expect(sink.count()).to.equal(1);
    expect(sink.doubles()).to.equal(1);
  });

  it("carry many mails at once", async () => {
    const many = Array.from({ length: 200 }, (_, i) =>
      mailer.send({ ...mail, messageId: `<${i}@mail.example.com>` }),
    );
    await Promise.all(many);
    expect(sink.count()).to.equal(200);
    expect(sink.doubles()).to.equal(0);
  });

  it("hold to one recipient, whatever the address pretends to be", async () => {
    const addresses = [
      "a@example.com, b@example.com",
      "a@example.com\r\nBcc: b@example.com",
      "<a@example.com>",
      "a b@example.com",
      "a@b@example.com",
      `${"a".repeat(250)}@example.com`,
      "",
    ];
    for (const address of addresses) {
      const failure = await mailer.send({ ...mail, to: { name: "A", address } }).catch((e: unknown) => e);
      expect(failure, address).to.be.instanceOf(Terminal).with.property("code", "mail_refused");
    }
    expect(sink.count()).to.equal(0);
  });
});

describe("the SMTP mailer and an unwilling server", () => {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const mailers: ReturnType<typeof createSmtpMailer>[] = [];
  let connections = 0;

  beforeEach(() => {
    connections = 0;
  });
  afterEach(async () => {
    for (const mailer of mailers.splice(0)) mailer.close();
    for (const socket of sockets) socket.destroy();
    await Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done))));
  });

  /**
   * A mailer to a server that says yes, or what `answers` has for the command's first word, for CONNECT, or for the
   * END of a mail; null: it hangs up.
   */
  async function mailerTo(answers: Record<string, string | null>) {
    const server = createServer((socket) => {
      connections += 1;
      sockets.add(socket);
      socket.on("error", () => {});
      const answer = (word: string, otherwise: string) => {
        const reply = word in answers ? answers[word] : otherwise;
        if (reply === null) socket.destroy();
        else socket.write(`${reply}\r\n`);
      };
      answer("CONNECT", "220 ready");
      let inMail = false;
      let pending = "";
      socket.on("data", (data) => {
        pending += data.toString();
        if (!pending.endsWith(inMail ? "\r\n.\r\n" : "\r\n")) return;
        const word = inMail ? "END" : (pending.split(/[\s:]/)[0] ?? "");
        pending = "";
        inMail = word === "DATA";
        answer(word, inMail ? "354 go on" : "250 fine");
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const mailer = createSmtpMailer({ smtpUrl: `smtp://127.0.0.1:${port}`, from });
    mailers.push(mailer);
    return mailer;
  }

  async function failureFrom(answers: Record<string, string | null>): Promise<Error & { code?: string }> {
    const mailer = await mailerTo(answers);
    const failure = await mailer.send(mail).catch((error: Error) => error);
    if (!(failure instanceof Error)) throw new Error("the mail was sent");
    return failure;
  }

  it("takes another connection when the kept one has died", async () => {
    let mails = 0;
    const mailer = await mailerTo({
      get MAIL() {
        mails += 1;
        return mails === 2 ? null : "250 fine";
      },
    });
    await mailer.send(mail);
    await mailer.send(mail);
    expect({ mails, connections }).to.deep.equal({ mails: 3, connections: 2 });
  });

  it("does not repeat by itself a mail that may have arrived", async () => {
    const answers: Record<string, string | null> = {};
    const mailer = await mailerTo(answers);
    await mailer.send(mail);
    answers["END"] = null;
    const failure = await mailer.send(mail).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Retryable).with.property("code", "smtp_doubtful");
    expect(failure).to.have.property("isDoubtful", true);
    expect(connections).to.equal(1);
  });

  it("gives up a recipient who is refused for good, and does not name them", async () => {
    const failure = await failureFrom({ RCPT: "550 5.1.1 <alice@example.com> no such user" });
    expect(failure).to.be.instanceOf(Terminal).with.property("code", "mail_refused");
    expect(everythingIn(failure)).not.to.match(/alice|Bœuf|sign\.example/);
  });

  it("comes back to a recipient who is refused for now", async () => {
    const failure = await failureFrom({ RCPT: "451 4.7.1 greylisted" });
    expect(failure).to.be.instanceOf(Retryable).with.property("code", "smtp_deferred");
  });

  it("does not bury mails because the sender is refused", async () => {
    const failure = await failureFrom({ MAIL: "550 5.7.1 not from here" });
    expect(failure).to.be.instanceOf(Retryable).with.property("code", "smtp_deferred");
  });

  it("comes back to a server that is busy, hangs up, or is not there", async () => {
    const busy = await failureFrom({ CONNECT: "421 too busy" });
    expect(busy).to.be.instanceOf(Retryable).with.property("code", "smtp_deferred");
    const cut = await failureFrom({ RCPT: null });
    expect(cut).to.be.instanceOf(Retryable).with.property("code", "smtp_away");
    const mailer = createSmtpMailer({ smtpUrl: "smtp://127.0.0.1:9", from });
    mailers.push(mailer);
    const away = await mailer.send(mail).catch((error: unknown) => error);
    expect(away).to.be.instanceOf(Retryable).with.property("code", "smtp_away");
  });
});

/** All that a logger could find in an error. */
function everythingIn(error: Error): string {
  const cause = error.cause instanceof Error ? everythingIn(error.cause) : String(error.cause);
  return [error.message, error.stack, JSON.stringify(error), cause].join("\n");
}
