import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { DateTime } from "luxon";
import { type AddressObject, simpleParser } from "mailparser";
import { PDFDocument } from "pdf-lib";
import { downloadSigned } from "../../examples/end-of-year/play-client.ts";
import type { Json } from "../http/support/caller.ts";
import { type Cabinet, firmAddress, signs, sought, step, verified } from "./cabinet.ts";

const box = { left: 60, bottom: 80, width: 180, height: 60 };

/** What signed documents are, and who gets them. */
export function documentsAsk(cabinet: () => Cabinet): void {
  it("Comment signer/sceller mes documents ?", async () => {
    const { launched, reached, somebody } = cabinet();
    const client = somebody();
    const both = await launched("Les deux", [step(client), { seal: true }]);
    await signs(cabinet(), client, "Les deux");
    await reached(both, "completed");
    expect(kinds(await verified(cabinet(), both))).to.deep.equal(["signature", "seal"]);
    const sealed = await launched("Cachet seul", [{ seal: true }]);
    await reached(sealed, "completed");
    expect(kinds(await verified(cabinet(), sealed))).to.deep.equal(["seal"]);
  });

  it("Vais-je recevoir des documents par courrier après avoir signé ?", async () => {
    const { launched, mail, somebody } = cabinet();
    const [client, copy] = [somebody(), somebody()];
    await launched("Courrier", [step(client)], { copies: [{ email: copy.email }] });
    await signs(cabinet(), client, "Courrier");
    for (const { email } of [client, copy])
      expect((await mail(email, "Signé : Courrier")).links[0]).to.match(/\/download#/);
    const sent = await mailsAbout(cabinet(), "Courrier");
    const withLink = sent.filter(({ text = "" }) => text.includes("/download#"));
    const to = withLink.map((one) => (one.to as AddressObject).value[0]?.address);
    expect(to, "and nobody else").to.have.members([client.email, copy.email]);
    expect(to).not.to.include(firmAddress);
  });

  it("Que se passe-t-il une fois que j’ai signé un document ?", async () => {
    const { firm, launched, read, reached, world, somebody } = cabinet();
    const [one, other] = [somebody(), somebody()];
    const id = await launched("Après", [step(one), step(other)]);
    await signs(cabinet(), one, "Après");
    await signs(cabinet(), other, "Après");
    await reached(id, "completed");
    const original = await firm.document(id, (await read(id)).documents[0].id);
    for (const { email } of [one, other]) {
      const [downloaded] = await downloadSigned(world, email, "Après");
      expect(downloaded?.pdf.equals(original), "the original").to.equal(true);
    }
    const sent = await mailsAbout(cabinet(), "Après");
    expect(sent.length).to.be.at.least(4);
    for (const { attachments, subject } of sent) expect(attachments, subject).to.deep.equal([]);
  });

  it("Combien de temps, les documents signés sont-ils archivés dans la plateforme ?", async () => {
    const { ask, deliveries, firm, launched, letPass, mail, read, reached, stage, somebody } = cabinet();
    const [client, other] = [somebody(), somebody()];
    const id = await launched("Archivée", [step(client)]);
    await signs(cabinet(), client, "Archivée");
    const { documents, endedAt, purgeAt } = await reached(id, "completed");
    const [link = ""] = (await mail(client.email, "Signé : Archivée")).links;
    const opened = () => ask("/v1/signing/sessions", { body: { token: link.split("#")[1] } });
    const download = () => ask(`/v1/collectes/${id}/documents/${documents[0].id}`);
    const month = DateTime.fromISO(endedAt, { zone: "Europe/Paris" }).plus({ months: 1 });
    expect(Date.parse(purgeAt)).to.equal(month.toMillis());
    const now = async () => Date.parse((await ask("/v1/test/clock")).json.now);
    await letPass(Math.floor((Date.parse(purgeAt) - (await now())) / 1_000) - 10);
    expect([(await opened()).status, (await download()).status]).to.deep.equal([201, 200]);
    await letPass(20);
    await reached(id, "purged");
    expect((await opened()).json.code).to.equal("link_dead");
    expect((await download()).status).to.equal(410);
    const { lines } = (await ask(`/v1/collectes/${id}/summary`)).json;
    expect(
      lines.map(({ type }: Json) => type),
      "and the summary stays",
    ).to.include("CollectePurged");

    const delivery = { kind: "folder", path: "signes" };
    await ask("/v1/firm", { method: "PATCH", body: { settings: { delivery } } });
    await letPass(5);
    const automatic = await launched("Automatique", [step(other)]);
    await signs(cabinet(), other, "Automatique");
    const { documents: theirs } = await reached(automatic, "completed");
    const signed = await firm.document(automatic, theirs[0].id);
    await sought("the evidence file", async () => (await read(automatic)).evidence);
    // The evidence file goes along; it is looked for again half a minute later.
    await letPass(30);
    const folder = join(deliveries, stage.firm.id, delivery.path);
    expect(await delivered(folder, signed), "put where the firm chose").to.equal(true);
    await ask("/v1/firm", { method: "PATCH", body: { settings: { delivery: null } } });
    await letPass(5);
  });

  it("Une signature électronique est-elle visible sur un document ?", async () => {
    const { firm, launched, read, reached, somebody } = cabinet();
    const [plain, stamped] = [somebody(), somebody()];
    const invisible = await launched("Sans", [step(plain)]);
    const visible = await launched("Avec", [
      { signatories: step(stamped).signatories.map((one) => ({ ...one, stamp: { page: 1, box } })) },
    ]);
    await signs(cabinet(), plain, "Sans");
    await signs(cabinet(), stamped, "Avec");
    const rectangles = async (id: string) => {
      await reached(id, "completed");
      expect((await verified(cabinet(), id)).verdict).to.equal("TOTAL-PASSED");
      const pdf = await PDFDocument.load(await firm.document(id, (await read(id)).documents[0].id));
      const [first] = pdf.getForm().getFields();
      return first?.acroField.getWidgets().map((widget) => widget.getRectangle());
    };
    expect(await rectangles(invisible)).to.deep.equal([{ x: 0, y: 0, width: 0, height: 0 }]);
    const { left: x, bottom: y, width, height } = box;
    expect(await rectangles(visible)).to.deep.equal([{ x, y, width, height }]);
  });

  it("Quels sont les principaux bénéfices de la signature électronique ?", async () => {
    const { ask, firm, launched, read, reached, somebody } = cabinet();
    const client = somebody();
    const id = await launched("Bénéfices", [step(client)]);
    await signs(cabinet(), client, "Bénéfices");
    await reached(id, "completed");
    const { verdict, signatures } = await verified(cabinet(), id);
    expect(verdict).to.equal("TOTAL-PASSED");
    expect(signatures[0].signer.commonName, "who signed").to.equal(nameOf(client));
    const pdf = new Uint8Array(await firm.document(id, (await read(id)).documents[0].id));
    for (const place of [300, Math.floor(pdf.length / 3)]) {
      const changed = pdf.slice();
      changed[place] = (changed[place] ?? 0) ^ 1;
      const { json } = await ask("/v1/verify", { body: changed });
      expect(json.verdict ?? json.code, "any later change is found").not.to.equal("TOTAL-PASSED");
    }
    const { lines } = (await ask(`/v1/collectes/${id}/summary`)).json;
    const types = lines.map(({ type }: Json) => type);
    for (const type of ["CollecteLaunched", "ConsentGiven", "OtpIssued", "OtpConsumed", "SignatureApplied"])
      expect(types, "traced").to.include(type);
  });

  it("Quelle est la différence entre signer et sceller ?", async () => {
    const { stage, launched, reached, somebody } = cabinet();
    const client = somebody();
    const { expert, firm } = stage;
    const id = await launched("Différence", [step(client), { member: expert.id }, { seal: true }]);
    await signs(cabinet(), client, "Différence");
    await signs(cabinet(), expert, "Différence");
    await reached(id, "completed");
    const { verdict, signatures } = await verified(cabinet(), id);
    expect(verdict).to.equal("TOTAL-PASSED");
    const who = signatures.map(({ kind, signer }: Json) => [kind, signer.commonName]);
    expect(who).to.deep.equal([
      ["signature", nameOf(client)],
      ["signature", nameOf(expert)],
      ["seal", firm.name],
    ]);
    expect(signatures[2].signer.organization, "a legal person").to.equal(firm.name);
  });
}

function kinds({ signatures }: Json): string[] {
  return signatures.map(({ kind }: Json) => kind);
}

function nameOf({ firstName, lastName }: { firstName: string; lastName: string }): string {
  return `${firstName} ${lastName}`;
}

/** Looks again until a file with these bytes is somewhere below the folder. */
async function delivered(folder: string, bytes: Buffer): Promise<boolean> {
  return sought("the file that was delivered", async () => {
    const files = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    for (const one of files.filter((entry) => entry.isFile()))
      if (bytes.equals(await readFile(join(one.parentPath, one.name)))) return true;
    return undefined;
  });
}

/** All mails about the collecte of this title, whole as they came. */
async function mailsAbout({ mailFolder }: Cabinet, title: string) {
  const names = (await readdir(mailFolder)).filter((name) => name.endsWith(".eml"));
  const mails = await Promise.all(
    names.map(async (name) => simpleParser(await readFile(join(mailFolder, name)))),
  );
  return mails.filter(({ subject = "" }) => subject.endsWith(` : ${title}`));
}
