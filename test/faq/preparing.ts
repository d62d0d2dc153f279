import { expect } from "chai";
import { importClients } from "../../examples/end-of-year/import-contacts.ts";
import { chosen, createParapheurApi } from "../../examples/end-of-year/parapheur.ts";
import { aPdf, call, type Json } from "../http/support/caller.ts";
import { aBook } from "../support/spreadsheets.ts";
import { type Cabinet, signs } from "./cabinet.ts";

/** What the firm does before anybody signs, and the expert at once. */
export function preparingAsks(cabinet: () => Cabinet): void {
  it("Quels sont les formats téléchargeables et prêts à la signature ?", async () => {
    const { ask } = cabinet();
    const zip = new Uint8Array([0x50, 0x4b, 3, 4, ...new Uint8Array(200)]);
    for (const [name, body] of [
      ["lettre.pdf", zip],
      ["bilan.xlsx", zip],
      ["photo.pdf", new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10])],
    ] as const) {
      const { status, json } = await ask(`/v1/documents?name=${name}`, { body });
      expect([status, json.code], name).to.deep.equal([422, "not_a_pdf"]);
    }
    expect((await ask("/v1/documents?name=lettre.docx", { body: await aPdf() })).status).to.equal(201);
  });

  it("Est-il possible d’importer un annuaire de contacts ?", async () => {
    const { ask, client, stage, launched, somebody } = cabinet();
    const { firstName, lastName, email, phone } = somebody();
    const typed = await ask("/v1/contacts", { body: { firstName, lastName, email, phone } });
    expect(typed.status).to.equal(201);
    const people = [somebody(), somebody(), somebody()];
    const ids = await importClients(client, stage.firm.apiKey, people);
    for (const [i, id] of ids.entries())
      expect((await ask(`/v1/contacts/${id}`)).json).to.include({
        email: people[i]?.email,
        phone: people[i]?.phone,
      });
    const send = (body: Uint8Array) =>
      call(`${stage.engine.url}/v1/contacts/imports?mode=all`, {
        bearer: stage.firm.apiKey,
        headers: { "Content-Type": "application/vnd.ms-excel" },
        body,
      });
    const old = somebody();
    const xls = aBook("biff8", [
      ["Prénom", "Nom", "E-mail"],
      [old.firstName, old.lastName, old.email],
    ]);
    expect((await send(new Uint8Array(xls))).json.counts).to.include({ created: 1, bad: 0 });
    const other = aBook("biff8", [
      ["Qui", "Où"],
      ["Zoé", "Lille"],
    ]);
    expect((await send(new Uint8Array(other))).json.code, "the template's columns").to.equal(
      "contacts_columns",
    );
    await launched("Au contact", [{ contact: ids[0] ?? "" }]);
    await signs(cabinet(), people[0] ?? expect.fail(), "Au contact");
  });

  it("jesignexpert.com dispose-t-il d’un parapheur ?", async () => {
    const { ask, client, stage, letter, reached, somebody } = cabinet();
    const { expert, smses, firm } = stage;
    const { firstName, lastName, email, phone } = somebody();
    const collaborator = await ask("/v1/members", {
      body: { role: "collaborator", firstName, lastName, email, phone },
    });
    const delegation = { expertId: expert.id, memberId: collaborator.json.id, rights: ["prepare", "launch"] };
    expect((await ask("/v1/delegations", { body: delegation })).status).to.equal(201);
    const asCollaborator = (path: string, body: object = {}) =>
      ask(path, { method: "POST", body, for: collaborator.json.id });
    const ids: string[] = [];
    for (const title of ["Un", "Deux", "Trois", "Quatre", "Cinq"]) {
      const order = { title, documents: [await letter()], steps: [{ member: expert.id }] };
      const { json } = await asCollaborator("/v1/collectes", order);
      expect((await asCollaborator(`/v1/collectes/${json.id}/launch`)).status).to.equal(200);
      ids.push(json.id);
    }
    const parapheur = createParapheurApi({ api: client, apiKey: firm.apiKey, member: expert, smses });
    const items = (await parapheur.all()).filter(({ collecte }) => ids.includes(collecte));
    expect(items).to.have.length(5);
    const before = smses.count();
    const session = await parapheur.open(items.map(chosen));
    await parapheur.sign(session);
    const { progress } = await parapheur.finished(session.id, 20_000);
    expect(progress).to.include({ total: 5, signed: 5 });
    expect(smses.count() - before, "one code").to.equal(1);
    for (const id of ids) {
      const { preparer, history } = await reached(id, "completed");
      expect(preparer.memberId).to.equal(collaborator.json.id);
      const signed = history.filter(({ type }: Json) => type === "SignatureApplied");
      expect(signed).to.have.length(1);
    }
  });
}
