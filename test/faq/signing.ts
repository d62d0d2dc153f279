import { expect } from "chai";
import { type Browser, type BrowserContextOptions, chromium } from "playwright-core";
import type { Client } from "../../examples/end-of-year/clients.ts";
import { needProgram } from "../support/programs.ts";
import { type Cabinet, codeOf, minute, signs, step } from "./cabinet.ts";

const executablePath = "/usr/bin/chromium";
const sentence = "j'ai bien lu les informations du document et je souhaite maintenant signer";

/** How somebody signs, and with what. */
export function signingAsks(cabinet: () => Cabinet): void {
  describe("in a browser", () => {
    let browser: Browser | undefined;
    before(async function () {
      needProgram(this, executablePath);
      const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"];
      browser = await chromium.launch({ executablePath, args });
    });
    after(() => browser?.close());

    /** Signs by the page that the mail leads to, as its reader does; answers how wide the page was at most. */
    async function signsByPage(person: Client, title: string, options: BrowserContextOptions) {
      const { links } = await cabinet().mail(person.email, `À signer : ${title}`);
      const context = await browser?.newContext({ locale: "fr-FR", ...options });
      const page = (await context?.newPage()) ?? expect.fail();
      const widths: number[] = [];
      const measure = async () =>
        widths.push(await page.evaluate<number>("document.documentElement.scrollWidth"));
      await page.goto(links[0] ?? "");
      await page.getByRole("button", { name: "Commencer" }).click();
      const tick = page.getByLabel(sentence);
      await tick.waitFor();
      await measure();
      // By the keyboard: without a screen, a click just after the page has scrolled lands in the frame of the PDF.
      await tick.press("Space");
      expect(await tick.isChecked()).to.equal(true);
      await page.getByRole("button", { name: "Recevoir mon code par SMS" }).press("Enter");
      await page.getByLabel("Code reçu par SMS").fill(await codeOf(cabinet(), person));
      await measure();
      await page.getByRole("button", { name: "Signer", exact: true }).press("Enter");
      await page.getByText("Vous avez signé.").waitFor();
      await measure();
      await context?.close();
      return Math.max(...widths);
    }

    it("Est-il possible de signer à distance ?", async () => {
      const { launched, reached, somebody } = cabinet();
      const person = somebody();
      const id = await launched("À distance", [step(person)]);
      await signsByPage(person, "À distance", { viewport: { width: 1280, height: 900 } });
      await reached(id, "completed");
    });

    it("La solution est-elle disponible en application mobile ?", async () => {
      const { launched, reached, somebody } = cabinet();
      const person = somebody();
      const id = await launched("Sur mobile", [step(person)]);
      const phone = {
        viewport: { width: 360, height: 740 },
        isMobile: true,
        hasTouch: true,
        deviceScaleFactor: 3,
      };
      expect(await signsByPage(person, "Sur mobile", phone), "nothing to scroll sideways").to.be.at.most(360);
      await reached(id, "completed");
    });
  });

  it("Qu’est qu’un code OTP ?", async () => {
    const { ask, launched, opened, read, reached, somebody } = cabinet();
    const [client, cosignatory] = [somebody(), somebody()];
    const id = await launched("Codes", [step(client), step(cosignatory)]);
    for (const [i, person] of [client, cosignatory].entries()) {
      const bearer = await opened(person, "Codes");
      const { otpId } = (await ask("/v1/signing/consent", { bearer, body: {} })).json;
      // It reaches that person's phone, and nobody else's.
      const code = await codeOf(cabinet(), person);
      const sign = (given: string) => ask("/v1/signing/sign", { bearer, body: { otpId, code: given } });
      const wrong = await sign(code === "000000" ? "000001" : "000000");
      expect([wrong.status, wrong.json.code, wrong.json.triesLeft]).to.deep.equal([422, "otp_wrong", 4]);
      expect((await read(id)).steps[i].signatories[0].status).to.equal("invited");
      expect((await sign(code)).status).to.equal(202);
      expect((await sign(code)).status, "once").to.equal(409);
    }
    const { history } = await reached(id, "completed");
    expect(JSON.stringify(history)).not.to.match(/"(code|mac|salt)":/);
  });

  it("J’ai reçu un code pour signer mon contrat électroniquement, combien de temps ai-je pour l’utiliser ?", async () => {
    const { ask, launched, letPass, opened, stage, reached, somebody } = cabinet();
    const [slow, quick] = [somebody(), somebody()];
    const ids = [await launched("Trop tard", [step(slow)]), await launched("À temps", [step(quick)])];
    const visits = [await opened(slow, "Trop tard"), await opened(quick, "À temps")];
    const before = stage.smses.count();
    for (const bearer of visits) {
      const { json } = await ask("/v1/signing", { bearer });
      expect(json.consentText).to.equal(sentence);
      const unticked = await ask("/v1/signing/sign", { bearer, body: { code: "123456" } });
      expect(unticked.json.code).to.equal("consent_needed");
    }
    expect(stage.smses.count() - before, "no code without the ticked box").to.equal(0);
    const codes: { otpId: string; code: string }[] = [];
    for (const [i, person] of [slow, quick].entries()) {
      const { json } = await ask("/v1/signing/consent", { bearer: visits[i] ?? "", body: {} });
      codes.push({ otpId: json.otpId, code: await codeOf(cabinet(), person) });
    }
    const sign = (i: number) => ask("/v1/signing/sign", { bearer: visits[i] ?? "", body: codes[i] });
    await letPass(30 * minute - 10);
    expect((await sign(1)).status).to.equal(202);
    await letPass(10);
    expect((await sign(0)).json.code).to.equal("otp_expired");
    await reached(ids[1] ?? "", "completed");
  });

  it("Mes clients peuvent-ils s’enregistrer sur la plateforme et l’utiliser pour leur propre usage ?", async () => {
    const { ask, launched, opened, signedIn, letter, reached, somebody } = cabinet();
    const client = somebody();
    const id = await launched("Invitée", [step(client)]);
    const failure = await signedIn(client.email).catch((error: Error) => error);
    expect(String(failure)).to.include("sign_in_unknown");
    const bearer = await opened(client, "Invitée");
    const order = { title: "Pour moi", documents: [await letter()], steps: [step(somebody())] };
    const { status, json } = await ask("/v1/collectes", { bearer, body: order });
    expect([status, json.code]).to.deep.equal([401, "key_invalid"]);
    const { otpId } = (await ask("/v1/signing/consent", { bearer, body: {} })).json;
    const body = { otpId, code: await codeOf(cabinet(), client) };
    expect((await ask("/v1/signing/sign", { bearer, body })).status, "but may co-sign").to.equal(202);
    await reached(id, "completed");
  });

  it("La signature électronique est-elle valable en dehors de l’union Européenne ?", async () => {
    const { firm, letter, launched, reached, read, somebody } = cabinet();
    const abroad = ["+819012345678", "+14165550123", "+221701234567", "+212650123456", "+5511961234567"];
    const people = abroad.map((phone) => ({ ...somebody(), phone }));
    const title = "Partout";
    const id = await launched(title, [{ signatories: people.flatMap((one) => step(one).signatories) }]);
    for (const person of people) await signs(cabinet(), person, title);
    await reached(id, "completed");
    const mended = { ...somebody(), phone: "+33 06 12 34 56 78" };
    const draft = { title, documents: [await letter()], steps: [step(mended)] };
    const { id: other } = await firm.createCollecte(draft);
    expect((await read(other)).steps[0].signatories[0].phone).to.equal("+33612345678");
    const landline = { ...draft, steps: [step({ ...mended, phone: "+33142345678" })] };
    const refused = await firm.createCollecte(landline).catch((error: Error) => error);
    expect(String(refused)).to.include("invalid_request");
  });
}
