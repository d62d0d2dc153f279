import { expect } from "chai";
import { type Browser, chromium, type Page } from "playwright-core";
import { needProgram } from "../support/programs.ts";
import { type OpenDoor, openDoor } from "./support/a-door.ts";
import { applyOrdered, call, claire, completed, drafted, launched } from "./support/caller.ts";

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
    const { id } = await launched(door, { language: "en", steps: [{ signatories: [claire] }] });
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
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByText("Télécharger").click()]);
    expect(file.suggestedFilename()).to.equal("Lettre.pdf");
  });
});
