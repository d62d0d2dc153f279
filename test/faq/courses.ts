import { expect } from "chai";
import { refuseToSign } from "../../examples/end-of-year/play-client.ts";
import type { Json } from "../http/support/caller.ts";
import { type Cabinet, codeOf, day, firmAddress, minute, signs, step } from "./cabinet.ts";

/** How a collecte goes, and ends. */
export function coursesAsk(cabinet: () => Cabinet): void {
  it("Qu’est-ce que la collecte de signature ?", async () => {
    const { stage, firm, launched, reached, read, somebody } = cabinet();
    const [away, next] = [somebody(), somebody()];
    const title = "Ordre";
    const id = await launched(title, [step(away), step(next), { member: stage.expert.id }]);
    await cabinet().mail(away.email, `À signer : ${title}`);
    expect(statuses(await read(id))).to.deep.equal(["invited", "waiting", "waiting"]);
    await firm.changeOrder(
      id,
      ["s2", "s1", "s3"].map((one) => ({ signatories: [one] })),
    );
    for (const person of [next, away, stage.expert]) await signs(cabinet(), person, title);
    const { history } = await reached(id, "completed");
    const signed = history.filter(({ type }: Json) => type === "SignatureApplied");
    expect(signed.map(({ signatoryId }: Json) => signatoryId)).to.deep.equal(["s2", "s1", "s3"]);
  });

  it("Puis-je refuser de signer ?", async () => {
    const { ask, launched, read, mail, world, opened, somebody } = cabinet();
    const [one, other] = [somebody(), somebody()];
    const people = { signatories: [...step(one).signatories, ...step(other).signatories] };
    const reason = "Le montant est faux.";
    const id = await launched("Refus", [people]);
    const session = await opened(other, "Refus");
    await refuseToSign(world, one, "Refus", reason);
    expect((await mail(firmAddress, "Refusé : Refus")).text).to.include(reason);
    expect(await read(id)).to.include({ state: "refused", refusalReason: reason, refusedBy: "s1" });
    const { status, json } = await ask("/v1/signing/consent", { bearer: session, body: {} });
    expect([status, json.code], "it is over for everybody").to.deep.equal([409, "collecte_ended"]);
    const told = async () => (await ask(`/v1/collectes/${id}/summary`)).text;
    expect(await told()).to.include(reason);
    await cabinet().letPass(20 * day);
    expect(await told(), "at any time").to.include(reason);
  });

  it("Les co-signataires doivent-ils respecter un délai avant expiration de la collecte ?", async () => {
    const { ask, firm, launched, read, letPass, mail, reached, somebody } = cabinet();
    const [forgetful, reminded] = [somebody(), somebody()];
    const ids = [await launched("Oubliée", [step(forgetful)]), await launched("Relancée", [step(reminded)])];
    const [id = "", other = ""] = ids;
    const [link = ""] = (await mail(forgetful.email, "À signer : Oubliée")).links;
    const { launchedAt, expiresAt } = await read(id);
    expect(Date.parse(expiresAt) - Date.parse(launchedAt)).to.equal(15 * day * 1_000);
    const before = await read(other);
    await firm.remind(other);
    await mail(reminded.email, "Rappel, à signer : Relancée");
    const after = await read(other);
    expect(Date.parse(after.expiresAt) - Date.parse(before.expiresAt)).to.equal(15 * day * 1_000);
    await letPass(15 * day - minute);
    expect((await read(id)).state).to.equal("launched");
    await letPass(minute);
    const { json } = await ask("/v1/signing/sessions", { body: { token: link.split("#")[1] } });
    expect(json).to.include({ code: "link_dead", why: "ended" });
    await reached(id, "expired");
    await mail(firmAddress, "Expiré : Oubliée");
    expect((await read(other)).state).to.equal("launched");
    await letPass(15 * day - minute);
    expect((await read(other)).state).to.equal("launched");
    await letPass(minute);
    await reached(other, "expired");
  });

  it("Ai-je droit à un délai de réflexion avant de signer un document ?", async () => {
    const { ask, launched, letPass, opened, reached, read, somebody } = cabinet();
    const [late, hasty] = [somebody(), somebody()];
    const id = await launched("Réfléchie", [step(late)]);
    await letPass(15 * day - minute);
    await signs(cabinet(), late, "Réfléchie");
    await reached(id, "completed");
    const chosen = (reflectionMinutes: number | null) =>
      ask("/v1/firm", { method: "PATCH", body: { settings: { reflectionMinutes } } });
    await chosen(30);
    // Settings count within 5 seconds.
    await letPass(5);
    const other = await launched("Hâtive", [step(hasty)]);
    await chosen(null);
    await letPass(5);
    const bearer = await opened(hasty, "Hâtive");
    const consent = () => ask("/v1/signing/consent", { bearer, body: {} });
    const { invitedAt, maySignFrom } = (await read(other)).steps[0].signatories[0];
    expect(Date.parse(maySignFrom) - Date.parse(invitedAt)).to.equal(30 * minute * 1_000);
    expect((await consent()).json.code).to.equal("too_early");
    await letPass(30 * minute);
    expect((await consent()).status).to.equal(202);
  });

  it("Puis-je annuler la signature d’un document une fois signé ?", async () => {
    const { ask, launched, opened, reached, somebody } = cabinet();
    const [client, second] = [somebody(), somebody()];
    const id = await launched("Signée", [step(client), step(second)]);
    const session = await opened(client, "Signée");
    const { otpId } = (await ask("/v1/signing/consent", { bearer: session, body: {} })).json;
    const body = { otpId, code: await codeOf(cabinet(), client) };
    expect((await ask("/v1/signing/sign", { bearer: session, body })).status).to.equal(202);
    const { json } = await ask("/v1/signing/refuse", { bearer: session, body: { reason: "Je regrette." } });
    expect(json.code).to.be.oneOf(["already_signed", "signature_in_progress"]);
    await signs(cabinet(), second, "Signée");
    const { documents, steps } = await reached(id, "completed");
    expect([documents[0].revisions, steps[0].signatories[0].status]).to.deep.equal([2, "signed"]);
    const cancel = await ask(`/v1/collectes/${id}/cancellation`, { body: { reason: "Je regrette." } });
    expect(cancel.json.code).to.equal("collecte_ended");
    const { paths } = (await ask("/v1/openapi.json")).json;
    const theirs = Object.entries<Json>(paths).filter(
      ([path, { post }]) => path.startsWith("/v1/signing") && post,
    );
    expect(theirs.map(([path]) => path.split("/").at(-1))).to.have.members([
      "sessions",
      "consent",
      "sign",
      "refuse",
    ]);
  });
}

function statuses({ steps }: Json): string[] {
  return steps.flatMap(({ signatories }: Json) => signatories.map(({ status }: Json) => status));
}
