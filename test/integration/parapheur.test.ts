import { rm } from "node:fs/promises";
import { expect } from "chai";
import { PDFDocument } from "pdf-lib";
import { readSettings } from "../../config/settings.ts";
import { type ApiClient, ApiProblem, createApiClient } from "../../examples/end-of-year/api-client.ts";
import {
  chosen,
  createParapheurApi,
  type ParapheurApi,
  type SessionStanding,
} from "../../examples/end-of-year/parapheur.ts";
import { createSecrets } from "../../src/actors/runtime/secrets.ts";
import { type SmsSink, startSmsSink } from "../../src/cli/sinks/sms-sink.ts";
import { systemClock } from "../../src/clock.ts";
import { enrolMember, enrolSeal } from "../../src/identity/enrolment.ts";
import { type Engine, startEngine } from "../../src/main.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { call, type Json } from "../http/support/caller.ts";
import { temporaryFolder } from "../support/folders.ts";
import { thrownBy } from "../support/thrown.ts";

interface Person {
  id: string;
  phone: string;
}

describe("a parapheur", function () {
  this.timeout(60_000);
  let folder: string;
  let engine: Engine;
  let store: Store;
  let api: ApiClient;
  let phones: SmsSink;
  let key: string;
  let firmId: string;
  let people = 0;
  /** What the pool answers instead of signing the document with this digest. */
  const broken = new Map<string, string>();

  before(async () => {
    folder = await temporaryFolder();
    phones = await startSmsSink({});
    const settings = readSettings({
      COLLECTE_DATA: folder,
      COLLECTE_PORT: "0",
      COLLECTE_LOG_LEVEL: "silent",
      COLLECTE_LEVEL: "B-B",
    });
    const around = <T extends object>(name: string, port: T): T =>
      name !== "pool"
        ? port
        : new Proxy(port, {
            get(target, property) {
              const member: unknown = Reflect.get(target, property, target);
              if (typeof member !== "function") return member;
              return (...given: Json[]) => {
                const code = property === "sign" ? broken.get(given[0].sha256) : undefined;
                return code === undefined ? member.apply(target, given) : { ok: false, code };
              };
            },
          });
    engine = await startEngine(settings, { smtpUrl: "smtp://127.0.0.1:9", smsUrl: phones.url }, around);
    api = createApiClient(engine.url);
    // Beside the engine, as the commands work.
    store = await openStore(folder, createSecrets(settings.secret), systemClock);
    const firm = await store.directory.addFirm({
      name: "Cabinet",
      email: "c@cabinet.example",
      country: "FR",
    });
    firmId = firm.id;
    await enrolSeal(store.keyring, systemClock, firm);
    key = (await store.directory.addApiKey(firmId)).apiKey;
  });
  after(async () => {
    api?.close();
    await store?.close();
    await engine?.stop();
    await phones?.close();
    await rm(folder, { recursive: true });
  });

  const asked = async (path: string, body?: object, member?: Person): Promise<Json> => {
    const headers = member === undefined ? {} : { "Acting-Member": member.id };
    return (await call(engine.url + path, { bearer: key, headers, ...(body && { body }) })).json;
  };

  async function someone(role: "expert" | "collaborator", isCertified = true): Promise<Person> {
    people += 1;
    const phone = `+336399801${String(people).padStart(2, "0")}`;
    const { id } = await asked("/v1/members", {
      role,
      ...(role === "expert" && { rollNumber: "140012345" }),
      firstName: role === "expert" ? "Anne" : "Paul",
      lastName: `Durand ${people}`,
      email: `member${people}@cabinet.example`,
      phone,
    });
    const [firm, member] = [await store.directory.firm(firmId), await store.directory.member(firmId, id)];
    if (!firm || !member) throw new Error("the member was not made");
    if (isCertified) await enrolMember(store.keyring, systemClock, firm, member);
    return { id, phone };
  }

  /** A launched collecte of one document; its id and the document's digest. */
  async function waiting(steps: object[], more: object = {}): Promise<{ id: string; sha256: string }> {
    const pdf = await PDFDocument.create();
    pdf.addPage();
    pdf.setTitle(`Lettre ${Math.random()}`);
    const document = await api.json<Json>({
      method: "POST",
      path: "/v1/documents",
      bearer: key,
      body: await pdf.save(),
    });
    const { id } = await asked("/v1/collectes", {
      title: "Lettre",
      documents: [document.id],
      steps,
      ...more,
    });
    await asked(`/v1/collectes/${id}/launch`, {});
    return { id, sha256: document.sha256 };
  }

  const parapheurOf = (member: Person): ParapheurApi =>
    createParapheurApi({ api, apiKey: key, member, smses: phones });

  const outcomes = ({ items }: SessionStanding): [string, string?][] =>
    items.map(({ status, code }) => (code === undefined ? [status] : [status, code]));

  it("signs all that waits over many collectes with one code", async () => {
    const expert = await someone("expert");
    const parapheur = parapheurOf(expert);
    const before = phones.count();
    const made = [];
    for (let i = 0; i < 5; i++) made.push(await waiting([{ member: expert.id }]));
    await waiting([{ member: (await someone("expert")).id }]);
    const items = await parapheur.all();
    expect(items.map(({ collecte }) => collecte)).to.have.members(made.map(({ id }) => id));
    expect(await asked("/v1/parapheur?limit=1", undefined, expert)).to.deep.include({
      counts: { total: 5, sign: 5, seal: 0 },
    });
    const [first] = items;
    const path = `/v1/parapheur/${first?.collecte}/documents/${first?.documents[0]?.id}`;
    const bytes = await api.bytes({ method: "GET", path, bearer: key, actingMember: expert.id });
    expect(bytes.subarray(0, 5).toString()).to.equal("%PDF-");
    const session = await parapheur.open(items.map(chosen));
    expect(session).to.include({ documents: 5 });
    await parapheur.sign(session);
    const done = await parapheur.finished(session.id, 20_000);
    expect(done.progress).to.include({ total: 5, signed: 5 });
    expect(phones.count() - before).to.equal(1);
    expect(await parapheur.all()).to.deep.equal([]);
    for (const { id } of made) {
      const { state, history } = await asked(`/v1/collectes/${id}`);
      expect(state).to.equal("completed");
      const types = history.map(({ type }: Json) => type);
      for (const type of ["ConsentGiven", "SignatureOrdered", "SignatureApplied"])
        expect(
          types.filter((one: string) => one === type),
          type,
        ).to.have.length(1);
    }
  });

  it("has a hundred right answers at once sign each document once", async () => {
    const expert = await someone("expert");
    const parapheur = parapheurOf(expert);
    const made = [await waiting([{ member: expert.id }]), await waiting([{ member: expert.id }])];
    const session = await parapheur.open((await parapheur.all()).map(chosen));
    const code = /\b\d{6}\b/.exec((await phones.next(expert.phone)).text)?.[0];
    const path = `/v1/parapheur/sessions/${session.id}/signature`;
    const answers = await Promise.all(
      Array.from({ length: 100 }, () =>
        call(engine.url + path, { bearer: key, headers: { "Acting-Member": expert.id }, body: { code } }),
      ),
    );
    expect(answers.filter(({ status }) => status === 202)).to.have.length(1);
    const refusals = new Set(answers.flatMap(({ status, json }) => (status === 202 ? [] : [json.code])));
    expect([...refusals]).to.deep.equal(["consent_needed"]);
    const done = await parapheur.finished(session.id, 20_000);
    expect(done.progress).to.include({ total: 2, signed: 2 });
    for (const { id } of made) {
      const { history, documents } = await asked(`/v1/collectes/${id}`);
      expect(history.filter(({ type }: Json) => type === "SignatureApplied")).to.have.length(1);
      expect(documents[0].revisions).to.equal(1);
    }
  });

  it("signs the others when one fails, and tries that one again without another code", async () => {
    const expert = await someone("expert");
    const parapheur = parapheurOf(expert);
    const bad = await waiting([{ member: expert.id }]);
    await waiting([{ member: expert.id }]);
    broken.set(bad.sha256, "pdf_damaged");
    const session = await parapheur.open((await parapheur.all()).map(chosen));
    await parapheur.sign(session);
    const failed = await parapheur.finished(session.id, 20_000);
    expect(outcomes(failed)).to.deep.equal([["failed", "pdf_damaged"], ["signed"]]);
    broken.clear();
    const before = phones.count();
    await parapheur.retry(session.id);
    const done = await parapheur.finished(session.id, 20_000);
    expect(done.progress).to.include({ total: 2, signed: 2 });
    expect(phones.count()).to.equal(before);
    const over = await thrownBy(parapheur.retry(session.id));
    expect(over).to.be.instanceOf(ApiProblem).and.have.property("code", "nothing_failed");
  });

  it("leaves out what waits no more or not as it was shown, and never signs other bytes at another try", async () => {
    const expert = await someone("expert");
    const colleague = await someone("expert");
    const parapheur = parapheurOf(expert);
    const ended = await waiting([{ member: expert.id }]);
    const shared = await waiting([{ signatories: [{ member: expert.id }, { member: colleague.id }] }]);
    const alone = await waiting([{ member: expert.id }]);
    const items = (await parapheur.all()).map(chosen);
    await asked(`/v1/collectes/${ended.id}/cancellation`, { reason: "Erreur" });
    const session = await parapheur.open(
      items.map((one) => (one.collecte === alone.id ? { ...one, documents: ["0".repeat(64)] } : one)),
    );
    expect(session.leftOut).to.have.deep.members([
      { collecte: ended.id, act: "sign", code: "choice_not_awaited" },
      { collecte: alone.id, act: "sign", code: "choice_changed" },
    ]);
    // A colleague of the same step signs in between: that adds a revision and voids nothing.
    const theirs = parapheurOf(colleague);
    const other = await theirs.open((await theirs.all()).map(chosen));
    await theirs.sign(other);
    expect((await theirs.finished(other.id, 20_000)).progress).to.include({ signed: 1 });
    await parapheur.sign(session);
    const done = await parapheur.finished(session.id, 20_000);
    expect(outcomes(done)).to.deep.equal([["signed"]]);
    expect((await asked(`/v1/collectes/${shared.id}`)).state).to.equal("completed");
    const none = await thrownBy(
      parapheur.open([{ collecte: "col_never", act: "sign", documents: ["0".repeat(64)] }]),
    );
    expect(none).to.be.instanceOf(ApiProblem).and.have.property("code", "nothing_to_sign");
  });

  it("says before a code is sent that a certificate is missing or revoked", async () => {
    const expert = await someone("expert", false);
    const parapheur = parapheurOf(expert);
    await waiting([{ member: expert.id }]);
    const choices = (await parapheur.all()).map(chosen);
    const before = phones.count();
    const missing = await thrownBy(parapheur.open(choices));
    expect(missing).to.have.property("code", "certificate_needed");
    const [firm, member] = [
      await store.directory.firm(firmId),
      await store.directory.member(firmId, expert.id),
    ];
    if (firm && member) await enrolMember(store.keyring, systemClock, firm, member);
    await asked("/v1/me/certificate/revocation", {}, expert);
    const revoked = await thrownBy(parapheur.open(choices));
    expect(revoked).to.have.property("code", "certificate_revoked");
    expect(phones.count()).to.equal(before);
  });

  it("lets a collaborator sign in an expert's place, by type, with their own name and the delegation on the record", async () => {
    const expert = await someone("expert");
    const paul = await someone("collaborator");
    const parapheur = parapheurOf(paul);
    const letter = await waiting([{ member: expert.id }], { documentType: "lettre" });
    const accounts = await waiting([{ member: expert.id }], { documentType: "bilan" });
    const refused = await thrownBy(parapheur.all(expert.id));
    expect(refused).to.have.property("code", "right_missing");
    const { id: delegationId } = await asked("/v1/delegations", {
      expertId: expert.id,
      memberId: paul.id,
      rights: ["sign"],
      documentTypes: ["lettre"],
    });
    const items = await parapheur.all(expert.id);
    expect(items.map(({ collecte }) => collecte)).to.deep.equal([letter.id]);
    const session = await parapheur.open([
      ...items.map((one) => ({ ...chosen(one), for: expert.id })),
      { collecte: accounts.id, act: "sign", documents: [accounts.sha256], for: expert.id },
    ]);
    expect(session.leftOut.map(({ code }) => code)).to.deep.equal(["choice_not_allowed"]);
    await parapheur.sign(session);
    expect((await parapheur.finished(session.id, 20_000)).progress).to.include({ signed: 1 });
    const record = await store.reads.history(firmId, letter.id);
    const ordered = record.find(({ type }) => type === "SignatureOrdered");
    expect(ordered?.data).to.include({ memberId: paul.id, delegationId });
    const { documents } = await asked(`/v1/collectes/${letter.id}`);
    const path = `/v1/collectes/${letter.id}/documents/${documents[0].id}`;
    const signed = (await api.bytes({ method: "GET", path, bearer: key })).toString("latin1");
    expect(signed).to.match(/\/Name\s*\(Paul Durand/);
  });

  it("judges rights again at the act: a delegation that was revoked signs nothing more", async () => {
    const expert = await someone("expert");
    const paul = await someone("collaborator");
    const parapheur = parapheurOf(paul);
    const { id } = await waiting([{ member: expert.id }]);
    const delegation = await asked("/v1/delegations", {
      expertId: expert.id,
      memberId: paul.id,
      rights: ["sign"],
    });
    const items = await parapheur.all(expert.id);
    const session = await parapheur.open(items.map((one) => ({ ...chosen(one), for: expert.id })));
    await call(`${engine.url}/v1/delegations/${delegation.id}`, { method: "DELETE", bearer: key });
    await parapheur.sign(session);
    const done = await parapheur.finished(session.id, 20_000);
    expect(outcomes(done)).to.deep.equal([["refused", "right_missing"]]);
    expect((await asked(`/v1/collectes/${id}`)).state).to.equal("launched");
  });

  it("has the firm's seal made when its approver says so, or who has their delegation", async () => {
    const expert = await someone("expert");
    const paul = await someone("collaborator");
    await asked("/v1/delegations", { expertId: expert.id, memberId: paul.id, rights: ["seal"] });
    const mine = await waiting([{ seal: true, approver: expert.id }]);
    const parapheur = parapheurOf(expert);
    const [item] = await parapheur.all();
    expect(item).to.include({ collecte: mine.id, act: "seal" });
    const session = await parapheur.open(item ? [chosen(item)] : []);
    await parapheur.sign(session);
    expect((await parapheur.finished(session.id, 20_000)).progress).to.include({ signed: 1 });
    expect((await asked(`/v1/collectes/${mine.id}`)).state).to.equal("completed");
    const theirs = await waiting([{ seal: true, approver: expert.id }]);
    const helper = parapheurOf(paul);
    const items = await helper.all(expert.id);
    const second = await helper.open(items.map((one) => ({ ...chosen(one), for: expert.id })));
    await helper.sign(second);
    expect((await helper.finished(second.id, 20_000)).progress).to.include({ signed: 1 });
    expect((await asked(`/v1/collectes/${theirs.id}`)).state).to.equal("completed");
  });

  it("of a firm with strict codes has ones that live for 10 minutes, and says so in the SMS", async () => {
    await store.directory.setSettings(firmId, { strictCodes: true });
    // What is known of a firm is answered from memory for five seconds: another engine knows nothing yet.
    const other = await startEngine(
      readSettings({ COLLECTE_DATA: folder, COLLECTE_PORT: "0", COLLECTE_LOG_LEVEL: "silent" }),
      { smtpUrl: "smtp://127.0.0.1:9", smsUrl: phones.url },
    );
    const lifeOf = async (path: string, member: Person, body: object) => {
      const headers = { "Acting-Member": member.id };
      const before = Date.now();
      const { json, status } = await call(other.url + path, { bearer: key, headers, body });
      expect(status, JSON.stringify(json)).to.be.oneOf([201, 202]);
      expect((await phones.next(member.phone)).text).to.include("valable 10 minutes");
      return Math.round((Date.parse(json.expiresAt) - before) / 60_000);
    };
    try {
      const [newcomer, expert] = [await someone("expert", false), await someone("expert")];
      expect(await lifeOf("/v1/me/certificate/codes", newcomer, {})).to.equal(10);
      await waiting([{ member: expert.id }]);
      const choices = (await parapheurOf(expert).all()).map(chosen);
      expect(await lifeOf("/v1/parapheur/sessions", expert, { choices, consent: true })).to.equal(10);
    } finally {
      await other.stop();
      await store.directory.setSettings(firmId, {});
    }
  });

  it("is not needed to seal alone: a collecte of one seal is sealed when a program of the firm launches it", async () => {
    const { id } = await waiting([{ seal: true }]);
    for (let tries = 0; tries < 200; tries++) {
      const { state, documents } = await asked(`/v1/collectes/${id}`);
      if (state !== "completed") {
        await new Promise((resolve) => setTimeout(resolve, 50));
        continue;
      }
      expect(documents[0].revisions).to.equal(1);
      return;
    }
    expect.fail("it was not sealed");
  });
});
