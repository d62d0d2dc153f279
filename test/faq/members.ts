import { expect } from "chai";
import type { Json } from "../http/support/caller.ts";
import { type Cabinet, codeOf, minute, sought, step } from "./cabinet.ts";

interface Person {
  id: string;
  email: string;
  phone: string;
}

/** What experts and their collaborators ask. */
export function membersAsk(cabinet: () => Cabinet): void {
  it("Comment souscrire à jesignexpert.com ?", async () => {
    const { ask, signedIn, letter, somebody } = cabinet();
    const withoutRoll = await ask("/v1/members", { body: { ...personOf(cabinet()), role: "expert" } });
    expect(withoutRoll.json.errors).to.deep.include({
      field: "rollNumber",
      code: "required",
      detail: "An expert's number on the roll of the Order.",
    });
    const expert = await member(cabinet(), { role: "expert", rollNumber: "140012345" });
    const session = await signedIn(expert.email);
    expect((await ask("/v1/me", { bearer: session })).json.certificate).to.deep.equal({ status: "none" });
    const { notBefore, notAfter } = await certified(cabinet(), expert, session);
    expect(Date.parse(notAfter) - Date.parse(notBefore)).to.be.within(years(3), years(3) + 2 * 86_400_000);

    const collaborator = await member(cabinet(), { role: "collaborator" });
    const theirs = await signedIn(collaborator.email);
    const order = { title: "Préparée", documents: [await letter()], steps: [step(somebody())] };
    const prepare = () => ask("/v1/collectes", { bearer: theirs, body: order });
    expect((await prepare()).json).to.include({ code: "right_missing", right: "prepare" });
    const body = { memberId: collaborator.id, rights: ["prepare"] };
    expect((await ask("/v1/delegations", { bearer: session, body })).status).to.equal(201);
    const made = await prepare();
    expect([made.status, made.json.preparer.memberId]).to.deep.equal([201, collaborator.id]);
    const launch = await ask(`/v1/collectes/${made.json.id}/launch`, { method: "POST", bearer: theirs });
    expect(launch.json).to.include({ code: "right_missing", right: "launch" });
  });

  it("En cas de changement d’email, quelle est la procédure à suivre ?", async () => {
    const { ask, signedIn } = cabinet();
    const expert = await member(cabinet(), { role: "expert", rollNumber: "140012346" });
    const before = await certified(cabinet(), expert, await signedIn(expert.email));
    const email = `nouveau.${expert.email}`;
    expect((await ask(`/v1/members/${expert.id}`, { method: "PATCH", body: { email } })).status).to.equal(
      200,
    );
    // They are the same person for the provider, and sign in again.
    const session = await signedIn(email, expert.email);
    const revoked = (await ask("/v1/me", { bearer: session })).json;
    expect([revoked.member.id, revoked.certificate.status]).to.deep.equal([expert.id, "revoked"]);
    await cabinet().letPass(minute);
    const after = await certified(cabinet(), { ...expert, email }, session);
    expect(after.serial).not.to.equal(before.serial);
  });

  it("Si je possède déjà un certificat électronique chez Universign, puis-je l’utiliser dans le cadre de jesignexpert.com ?", async () => {
    const { ask, signedIn } = cabinet();
    const expert = await member(cabinet(), { role: "expert", rollNumber: "140012347" });
    const session = await signedIn(expert.email);
    const first = await certified(cabinet(), expert, session);
    const again = () => ask("/v1/me/certificate/codes", { method: "POST", bearer: session });
    expect((await again()).json.code).to.equal("certificate_exists");
    const { json } = await ask("/v1/me/certificate/revocation", { method: "POST", bearer: session });
    expect(json.certificate).to.include({ status: "revoked", serial: first.serial });
    await cabinet().letPass(minute);
    expect((await certified(cabinet(), expert, session)).serial).not.to.equal(first.serial);
  });
}

function personOf({ somebody }: Cabinet) {
  const { firstName, lastName, email, phone } = somebody();
  return { firstName, lastName, email, phone };
}

async function member(cabinet: Cabinet, as: { role: string; rollNumber?: string }): Promise<Person> {
  const { status, json } = await cabinet.ask("/v1/members", { body: { ...personOf(cabinet), ...as } });
  expect(status).to.equal(201);
  return json;
}

/** Has the certificate made, with the code of the SMS. */
async function certified(cabinet: Cabinet, person: Person, bearer: string): Promise<Json> {
  const { ask } = cabinet;
  const { otpId } = (await ask("/v1/me/certificate/codes", { method: "POST", bearer })).json;
  const body = { otpId, code: await codeOf(cabinet, person) };
  expect((await ask("/v1/me/certificate", { bearer, body })).status).to.equal(202);
  return sought("the certificate", async () => {
    const { certificate } = (await ask("/v1/me", { bearer })).json;
    return certificate.status === "live" ? certificate : undefined;
  });
}

function years(count: number): number {
  return count * 365 * 86_400_000;
}
