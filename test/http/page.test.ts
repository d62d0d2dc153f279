import { readFile } from "node:fs/promises";
import { expect } from "chai";
import { type Browser, chromium, type Page } from "playwright-core";
import { needProgram } from "../support/programs.ts";
import { keys, type OpenDoor, openDoor } from "./support/a-door.ts";
import { aPdf, applyOrdered, call, claire, completed, drafted, launched, lukasz } from "./support/caller.ts";

const executablePath = "/usr/bin/chromium";

describe("the signing page", () => {
  it("is the same plain file for signing and downloading, with nothing inline", async () => {
    const door = await openDoor();
    try {
      const [sign, download] = [await call(`${door.url}/sign`), await call(`${door.url}/download`)];
      expect(sign.status).to.equal(200);
      expect(sign.text).to.equal(download.text);
      expect(sign.headers.get("Content-Type")).to.match(/^text\/html/);
      expect(sign.text).not.to.match(/<script(?![^>]*src=)|<style|\sstyle=|\son\w+=/);
      for (const [, path] of sign.text.matchAll(/(?:src|href)="([^"]+)"/g)) {
        expect((await call(door.url + path)).status, path).to.equal(200);
      }
    } finally {
      await door.close();
    }
  });
});

describe("the signing page in a browser", function () {
  this.timeout(30_000);
  let browser: Browser;
  let door: OpenDoor;
  let page: Page;
  const violations: string[] = [];

  before(async function () {
    needProgram(this, executablePath);
    browser = await chromium.launch({
      executablePath,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-quic",
        "--disable-sync",
        "--no-first-run",
      ],
    });
  });
  after(async () => browser?.close());

  const open = async (hash: string, locale = "fr-FR", width = 1000) => {
    const context = await browser.newContext({ locale, viewport: { width, height: 900 } });
    page = await context.newPage();
    page.on("console", (message) => {
      if (/Content.Security.Policy/i.test(message.text())) violations.push(message.text());
    });
    page.on("pageerror", (error) => violations.push(String(error)));
    await page.goto(`${door.url}/${hash}`);
  };

  beforeEach(async () => {
    door = await openDoor();
    violations.length = 0;
  });
  afterEach(async () => {
    await page?.context().close();
    await door.close();
    expect(violations).to.deep.equal([]);
  });

  it("opens no session before a click, then leads to a signature", async () => {
    const { id } = await launched(door, { message: "Bonjour,\nvoici votre lettre de mission." });
    let exchanges = 0;
    await open("sign");
    page.on("request", (request) => {
      if (request.url().endsWith("/sessions")) exchanges += 1;
    });
    await page.goto("about:blank");
    await page.goto(`${door.url}/sign#${door.engine.tokenOf(id, "s1")}`);
    await page.waitForLoadState("networkidle");
    expect(exchanges).to.equal(0);
    await page.getByRole("button", { name: "Commencer" }).click();
    const tick = page.getByLabel(
      "j'ai bien lu les informations du document et je souhaite maintenant signer",
    );
    await tick.waitFor();
    expect(exchanges).to.equal(1);
    expect(page.url()).to.equal(`${door.url}/sign`);
    expect(await page.locator("iframe").count()).to.equal(1);
    const send = page.getByRole("button", { name: "Recevoir mon code par SMS" });
    await send.click();
    expect(door.engine.effects.some(({ effect }) => effect.kind === "sms")).to.equal(false);
    await tick.check();
    await send.click();
    const code = page.getByLabel("Code reçu par SMS");
    await code.waitFor();
    const right = door.engine.lastCode();
    await code.fill(right === "000000" ? "000001" : "000000");
    await page.getByRole("button", { name: "Signer", exact: true }).click();
    await page.getByText("Ce code est faux. Il vous reste 4 essais.").waitFor();
    await code.fill(`${right.slice(0, 3)} ${right.slice(3)}`);
    await page.getByRole("button", { name: "Signer", exact: true }).click();
    await page.getByText("en cours d'apposition").waitFor();
    await applyOrdered(door, id);
    await page.getByText("Vous avez signé.").waitFor();
    expect(await page.locator("#fault").textContent()).to.equal("");
  });

  it("goes on after a reload on a telephone, with the code that was sent", async () => {
    const { id } = await launched(door);
    await open(`sign#${door.engine.tokenOf(id, "s1")}`, "fr-FR", 375);
    await page.getByRole("button", { name: "Commencer" }).click();
    await page.getByLabel("j'ai bien lu les informations du document").check();
    await page.getByRole("button", { name: "Recevoir mon code par SMS" }).click();
    await page.getByLabel("Code reçu par SMS").waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Commencer" }).click();
    await page.getByLabel("Code reçu par SMS").fill(door.engine.lastCode());
    await page.getByRole("button", { name: "Signer", exact: true }).click();
    await page.getByText("en cours d'apposition").waitFor();
    await applyOrdered(door, id);
    await page.getByText("Vous avez signé.").waitFor();
    expect(door.engine.effects.filter(({ effect }) => effect.kind === "sms")).to.have.length(1);
  });

  it("takes a refusal with its reason, in English, on a telephone", async () => {
    const url = `${door.url}/v1/documents?name=${"mission_".repeat(12)}.pdf`;
    const { json } = await call(url, { bearer: keys.cabinet, body: await aPdf() });
    const asked = { language: "en", steps: [{ signatories: [claire] }], documents: [json.id] };
    const { id } = await launched(door, asked);
    await open(`sign#${door.engine.tokenOf(id, "s1")}`, "en-GB", 360);
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByText("I do not wish to sign").click();
    await page.getByLabel("Reason (optional)").fill("The amount is wrong");
    const width = await page.evaluate("document.documentElement.scrollWidth");
    expect(width).to.be.at.most(360);
    await page.getByRole("button", { name: "Refuse to sign" }).click();
    await page.getByText("The signature was refused").waitFor();
    expect(door.engine.stateOf(id).personal.refusalReason).to.equal("The amount is wrong");
  });

  it("says that a link is dead", async () => {
    await drafted(door);
    await open("sign#nothing");
    await page.getByRole("button", { name: "Commencer" }).click();
    await page.getByText("Ce lien ne fonctionne plus").waitFor();
  });

  it("offers finished documents for download", async () => {
    const { id } = await completed(door);
    await open(`download#${door.engine.tokenOf(id, "c1", "download")}`);
    await page.getByText("Tout le monde a signé : vos documents vous attendent.").waitFor();
    await page.getByRole("button", { name: "Commencer" }).click();
    const one = page.getByRole("button", { name: "Télécharger : Lettre.pdf" });
    await one.waitFor();
    const accesses = () =>
      (door.engine.records.get(id) ?? []).filter(({ type }) => type === "DocumentsAccessed").length;
    expect(accesses()).to.equal(0);
    const [file] = await Promise.all([page.waitForEvent("download"), one.click()]);
    expect(file.suggestedFilename()).to.equal("Lettre.pdf");
    expect(accesses()).to.equal(1);
    const all = page.getByRole("button", { name: "Tout télécharger (ZIP)" });
    const [zip] = await Promise.all([page.waitForEvent("download"), all.click()]);
    expect(zip.suggestedFilename()).to.equal("Lettre de mission 2026.zip");
    const bytes = await readFile((await zip.path()) ?? "");
    expect(bytes.subarray(0, 4).toString("latin1")).to.equal("PK\u0003\u0004");
    expect(bytes.includes("Lettre.pdf")).to.equal(true);
  });

  it("says that finished documents are gone", async () => {
    const { id } = await completed(door);
    door.engine.happen(id, { type: "PurgeBegun", at: door.clock.instant });
    await open(`download#${door.engine.tokenOf(id, "c1", "download")}`, "en-GB");
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByText("These documents are not here any more").waitFor();
  });

  it("says that the firm has cancelled, to who was reading", async () => {
    const { id } = await launched(door);
    await open(`sign#${door.engine.tokenOf(id, "s1")}`);
    await page.getByRole("button", { name: "Commencer" }).click();
    await page.getByLabel("j'ai bien lu les informations du document").waitFor();
    const body = { reason: "Mauvaise version" };
    await call(`${door.url}/v1/collectes/${id}/cancellation`, { bearer: keys.cabinet, body });
    await page.reload();
    await page.getByRole("button", { name: "Commencer" }).click();
    await page.getByText("Le cabinet a annulé la demande.").waitFor();
    expect(await page.textContent("body")).not.to.include("Mauvaise version");
  });

  it("says that a link was replaced, after an order change", async () => {
    const { id } = await launched(door, { steps: [{ signatories: [claire] }, { signatories: [lukasz] }] });
    const old = door.engine.tokenOf(id, "s1");
    const body = { steps: [{ signatories: ["s2"] }, { signatories: ["s1"] }] };
    await call(`${door.url}/v1/collectes/${id}/steps`, { method: "PUT", bearer: keys.cabinet, body });
    await open(`sign#${old}`);
    await page.getByRole("button", { name: "Commencer" }).click();
    await page.getByText("Ce lien a été remplacé.").waitFor();
  });

  it("leaves time to reflect: the documents are there, and the consent is not", async () => {
    const { directory } = door.door;
    const firm = directory.firm.bind(directory);
    directory.firm = async (id) => {
      const known = await firm(id);
      return known && { ...known, settings: { reflectionMinutes: 60 } };
    };
    door.clock.instant = Date.now();
    const { id } = await launched(door);
    await open(`sign#${door.engine.tokenOf(id, "s1")}`);
    await page.getByRole("button", { name: "Commencer" }).click();
    await page.getByText("vous pourrez signer à partir du").waitFor();
    expect(await page.locator("iframe").count()).to.equal(1);
    expect(await page.getByRole("button", { name: "Recevoir mon code par SMS" }).isVisible()).to.equal(false);
  });
});
