import { spawnSync } from "node:child_process";
import { expect } from "chai";
import { PDFDocument } from "pdf-lib";
import { generateClients, readClients } from "../../../examples/end-of-year/clients.ts";
import { lettreDeMission } from "../../../examples/end-of-year/lettre-de-mission.ts";
import { needProgram } from "../../support/programs.ts";

const firm = { name: "Cabinet Bérénice & Associés", city: "Lyon", expert: "Gaëlle Œuvrard" };

describe("a lettre de mission", () => {
  it("has two A4 pages for every client of the example", async () => {
    for (const client of await readClients("examples/end-of-year/clients.csv")) {
      const pdf = await PDFDocument.load(await lettreDeMission(client, firm));
      expect(pdf.getPages().map((page) => page.getSize())).to.deep.equal([
        { width: 595.28, height: 841.89 },
        { width: 595.28, height: 841.89 },
      ]);
    }
  });

  it("gives the same bytes for the same client", async () => {
    const [client, other] = generateClients(2);
    if (!client || !other) throw new Error("two clients were asked for");
    const once = await lettreDeMission(client, firm);
    expect(Buffer.compare(once, await lettreDeMission(client, firm))).to.equal(0);
    expect(Buffer.compare(once, await lettreDeMission(other, firm))).not.to.equal(0);
  });

  it("can be read by poppler, accents and euros included", async function () {
    const [, gael, noelle] = await readClients("examples/end-of-year/clients.csv");
    if (!gael || !noelle) throw new Error("the file has two clients");
    needProgram(this, "pdftotext");
    const text = await pdfText(await lettreDeMission(gael, firm));
    expect(text).to.contain("Gaël Le Goff");
    expect(text).to.contain("Gaëlle Œuvrard");
    expect(text).to.contain("Établissement des bulletins de paie");
    expect(text.replaceAll("\u00a0", " ")).to.match(/Total annuel +6 490 €/);
    const other = await pdfText(await lettreDeMission(noelle, firm));
    expect(other).to.contain("L'Œil du Sud");
    expect(other).not.to.contain("bulletins de paie");
  });
});

async function pdfText(pdf: Uint8Array): Promise<string> {
  const { status, stdout, stderr } = spawnSync("pdftotext", ["-layout", "-", "-"], { input: pdf });
  expect(status, stderr.toString()).to.equal(0);
  return stdout.toString();
}
