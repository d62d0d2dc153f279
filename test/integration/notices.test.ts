import { rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { createTransport } from "nodemailer";
import { type ApiClient, type ApiProblem, createApiClient } from "../../examples/end-of-year/api-client.ts";
import { generateClients } from "../../examples/end-of-year/clients.ts";
import { createFirmApi, type FirmApi } from "../../examples/end-of-year/firm-api.ts";
import { lettreDeMission } from "../../examples/end-of-year/lettre-de-mission.ts";
import { createSigningApi, type SigningApi } from "../../examples/end-of-year/signing-api.ts";
import { buildStage, type Stage } from "../../src/cli/demo/stage.ts";
import { startSmsc, type TestSmsc } from "../actors/effects/sms/smpp-server.ts";
import { temporaryFolder } from "../support/folders.ts";
import { freePort } from "../support/ports.ts";
import { notification, type Postman, startPostman } from "./postman.ts";

interface Told {
  type: string;
  channel?: string;
  to?: string;
  reference?: string;
}

const secret = "a secret of this gateway";

describe("what becomes of mails and SMS, in a whole engine", function () {
  this.timeout(60_000);
  let folder: string;
  let stage: Stage;
  let smsc: TestSmsc;
  let gateway: Server;
  let post: Postman;
  let bouncePort: number;
  let client: ApiClient;
  let firm: FirmApi;
  let signing: SigningApi;
  /** How the first gateway answers, and what it was asked. */
  let status: number;
  let asked: { to: string; text: string; ref: string }[];
  let document: string;

  before(async () => {
    folder = await temporaryFolder();
    smsc = await startSmsc();
    post = await startPostman();
    asked = [];
    status = 200;
    gateway = createServer(async (request, response) => {
      asked.push(JSON.parse(Buffer.concat(await request.toArray()).toString()));
      response.writeHead(status).end(JSON.stringify({ id: `gw-${asked.length}` }));
    });
    await new Promise<void>((resolve) => gateway.listen(0, "127.0.0.1", resolve));
    bouncePort = await freePort();
    const gateways = [
      {
        name: "main",
        kind: "http",
        url: `http://127.0.0.1:${(gateway.address() as AddressInfo).port}/`,
        body: { to: "{to}", text: "{text}", ref: "{reference}" },
        reference: "/id",
        receipts: {
          secret: { kind: "header", header: "X-Secret", value: secret },
          reference: "/id",
          status: "/status",
          delivered: ["ok"],
          failed: ["ko"],
        },
      },
      {
        name: "backup",
        kind: "smpp",
        url: `smpp://127.0.0.1:${smsc.port}`,
        systemId: "cabinet",
        password: "hush",
        from: "CABINET",
      },
    ];
    const settings = {
      SMTP_URL: post.url,
      SMS_URL: "",
      SMS_GATEWAYS: JSON.stringify(gateways),
      COLLECTE_SMS_PER_NUMBER_PER_DAY: "2",
      COLLECTE_BOUNCE_DOMAIN: "bounces.cabinet.example",
      COLLECTE_BOUNCE_PORT: String(bouncePort),
    };
    stage = await buildStage({ folder, settings });
    client = createApiClient(stage.engine.url, { tries: 1, connections: 2 });
    firm = createFirmApi(client, stage.firm.apiKey);
    signing = createSigningApi(client);
    const [person] = generateClients(1);
    if (!person) expect.fail();
    const letter = await lettreDeMission(person, { name: "Cabinet", expert: "Hélène Lefèvre", city: "Lyon" });
    ({ id: document } = await firm.addDocument(letter));
  });
  after(async () => {
    client?.close();
    await stage?.close();
    await smsc.close();
    await post.close();
    gateway.closeAllConnections();
    gateway.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function until<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
    for (let turn = 0; turn < 400; turn++) {
      const found = await look();
      if (found !== undefined) return found;
      await sleep(25);
    }
    throw new Error("it did not happen");
  }

  async function launched(phone: string, email = "zoe@client.example"): Promise<string> {
    const { id } = await firm.createCollecte({
      title: "Lettre",
      documents: [document],
      steps: [{ signatories: [{ firstName: "Zoé", lastName: "Martin", email, phone }] }],
    });
    await firm.launch(id);
    return id;
  }
  const invitation = () => until(() => post.mails.find(({ subject }) => subject === "À signer : Lettre"));
  async function askForCode(): Promise<void> {
    const mail = await invitation();
    post.mails.length = 0;
    const { session } = await signing.openSession(mail.links[0]?.split("#")[1] ?? "");
    const { documents } = await signing.view(session);
    await signing.consent(
      session,
      documents.map(({ sha256 }) => sha256),
    );
  }
  const history = async (id: string) => ((await firm.collecte(id)) as unknown as { history: Told[] }).history;
  const told = (id: string, type: string, channel: string) =>
    until(async () => (await history(id)).find((one) => one.type === type && one.channel === channel));
  const receipt = (body: object, headers: Record<string, string> = { "X-Secret": secret }, name = "main") =>
    fetch(`${stage.engine.url}/v1/sms/receipts/${name}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });

  it("records that an SMS was delivered, as its gateway says with its secret, once", async () => {
    status = 200;
    const id = await launched("+33639980201");
    await askForCode();
    const { reference } = await told(id, "NotificationSent", "sms");
    expect(asked.at(-1)).to.include({ to: "+33639980201" });
    const body = { id: reference, status: "ok" };
    expect((await receipt(body, {})).status).to.equal(401);
    expect((await receipt(body, { "X-Secret": `${secret}x` })).status).to.equal(401);
    expect((await receipt(body, undefined, "backup")).status).to.equal(404);
    expect((await receipt({ id: reference })).status).to.equal(400);
    expect((await history(id)).map(({ type }) => type)).not.to.include("NotificationDelivered");
    for (const one of [body, body, { id: reference, status: "ko" }, { id: "gw-never", status: "ok" }])
      expect((await receipt(one)).status).to.equal(204);
    expect(await told(id, "NotificationDelivered", "sms")).to.include({ to: "s1", reference });
    const ends = (await history(id)).filter(
      ({ type, channel }) => channel === "sms" && type !== "NotificationSent",
    );
    expect(ends, "what has arrived stays so").to.have.length(1);
  });

  it("sends by the second gateway where the first is away, and hears by SMPP that the phone is gone", async () => {
    status = 503;
    const id = await launched("+33639980202");
    await askForCode();
    const { reference = "" } = await told(id, "NotificationSent", "sms");
    const [pdu] = smsc.submitted;
    expect(pdu).to.include({ destination_addr: "33639980202", data_coding: 0 });
    expect(String(pdu?.short_message?.message)).to.match(/votre code de signature est \d{6} \(réf\. /);
    expect(await smsc.deliver({ short_message: `id:${reference} stat:UNDELIV err:027` })).to.equal(0);
    expect(await told(id, "NotificationFailed", "sms")).to.include({
      to: "s1",
      reference: "sms_undelivered",
    });
  });

  it("promises no code to a number that had its fill for today", async () => {
    status = 200;
    const phone = "+33639980203";
    for (let count = 0; count < 2; count++) {
      const id = await launched(phone);
      await askForCode();
      await told(id, "NotificationSent", "sms");
    }
    const id = await launched(phone);
    const before = asked.length;
    const refusal = await askForCode().catch((error: ApiProblem) => error);
    expect(refusal).to.include({ status: 429, code: "sms_number_cap" });
    expect((await history(id)).map(({ type }) => type)).not.to.include("OtpIssued");
    expect(asked).to.have.length(before);
  });

  it("records that a mail came back, from who proves that it is ours, and not that it takes long", async () => {
    const id = await launched("+33639980204");
    const { returnPath } = await invitation();
    expect(returnPath).to.match(/^bounce\+col_.+\+[0-9a-f]{16}@bounces\.cabinet\.example$/);
    await told(id, "NotificationSent", "mail");
    const transport = createTransport({
      host: "127.0.0.1",
      port: bouncePort,
      secure: false,
      ignoreTLS: true,
    });
    const bounce = (to: string, raw: string, from = "") =>
      transport.sendMail({ envelope: { from, to }, raw }).then(
        () => 250,
        (error: { responseCode?: number }) => error.responseCode,
      );
    const forged = returnPath.replace(/\+[0-9a-f]/, (proof) => (proof === "+0" ? "+1" : "+0"));
    expect(await bounce(forged, notification("failed", "5.1.1"))).to.equal(550);
    expect(await bounce(returnPath, notification("failed", "5.1.1"), "mallory@example.com")).to.equal(550);
    expect(await bounce(returnPath, "x".repeat(600_000))).to.equal(552);
    for (const raw of [
      notification("delayed", "4.4.7"),
      notification("failed", "4.4.7"),
      "Subject: away\r\n\r\nHi",
    ])
      expect(await bounce(returnPath, raw)).to.equal(250);
    expect((await history(id)).map(({ type }) => type)).not.to.include("NotificationFailed");
    expect(await bounce(returnPath, notification("failed", "5.1.1"))).to.equal(250);
    expect(await bounce(returnPath, notification("failed", "5.1.1"))).to.equal(250);
    const failed = await told(id, "NotificationFailed", "mail");
    expect(failed).to.include({ to: "s1", reference: "mail_bounced_5_1_1" });
    expect((await history(id)).filter(({ type }) => type === "NotificationFailed")).to.have.length(1);
    transport.close();
  });
});
