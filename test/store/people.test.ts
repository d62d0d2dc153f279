import { expect } from "chai";
import { KeyReused } from "../../src/actors/runtime/errors.ts";
import type { Member, NewMember, Staff } from "../../src/actors/runtime/ports.ts";
import { digestOf } from "../../src/actors/runtime/secrets.ts";
import { enrolMember, ensureAuthority } from "../../src/identity/enrolment.ts";
import { createMemberCertificates } from "../../src/identity/member-certificates.ts";
import { createSignIn } from "../../src/identity/sign-in.ts";
import { createStaff } from "../../src/identity/staff.ts";
import { thrownBy } from "../support/thrown.ts";
import { onEachStore } from "./on-each-store.ts";
import type { OpenedStore } from "./open-store.ts";

const minute = 60_000;
const hour = 60 * minute;

const person = (firstName: string, role: NewMember["role"]): NewMember => ({
  role,
  ...(role === "expert" && { rollNumber: "140012345" }),
  firstName,
  lastName: "Müller",
  email: `${firstName.toLowerCase()}@elan.example`,
  phone: "+33612345678",
});

onEachStore("the people of a firm", (open) => {
  let opened: OpenedStore;
  let staff: Staff;
  let firmId: string;
  let otherId: string;
  let anne: Member;
  let karim: Member;
  beforeEach(async () => {
    opened = await open();
    const { store, clock } = opened;
    staff = createStaff(store, clock);
    const firm = { name: "Cabinet Élan", email: "contact@elan.example", country: "FR" };
    firmId = (await store.directory.addFirm(firm)).id;
    otherId = (await store.directory.addFirm({ ...firm, name: "Autre" })).id;
    anne = await added("Anne", "expert");
    karim = await added("Karim", "collaborator");
  });
  afterEach(() => opened.close());

  async function added(firstName: string, role: NewMember["role"], firm = firmId): Promise<Member> {
    const answer = await staff.addMember(firm, { id: `mem_${firstName}_${firm}` }, person(firstName, role));
    return answer.ok ? answer.value : expect.fail(answer.code);
  }
  const given = (changes: object = {}, id = "del_1") =>
    staff.delegate(
      firmId,
      { id },
      {
        ...{
          expertId: anne.id,
          memberId: karim.id,
          rights: ["prepare", "launch"],
          givenBy: { memberId: anne.id },
        },
        ...changes,
      },
    );

  it("come back as they were added, and changed", async () => {
    expect(await staff.members(firmId)).to.deep.equal([anne, karim]);
    expect(anne).to.include({ role: "expert", rollNumber: "140012345", version: 1, firmId });
    const changed = await staff.changeMember(firmId, karim.id, { lastName: "B." }, {}, 1);
    expect(changed).to.deep.equal({ ok: true, value: { ...karim, lastName: "B.", version: 2 } });
    expect(await staff.member(firmId, karim.id)).to.deep.equal({ ...karim, lastName: "B.", version: 2 });
    const late = await staff.changeMember(firmId, karim.id, { lastName: "C." }, {}, 1);
    expect(late).to.deep.equal({ ok: false, code: "version_changed" });
  });

  it("are made once under one key, and never under a used one", async () => {
    const making = { id: "mem_once", fingerprint: "f" };
    const first = await staff.addMember(firmId, making, person("Zoé", "collaborator"));
    expect(await staff.addMember(firmId, making, person("Zoé", "collaborator"))).to.deep.equal(first);
    const other = { ...making, fingerprint: "g" };
    expect(await thrownBy(staff.addMember(firmId, other, person("Léa", "expert")))).to.be.instanceOf(
      KeyReused,
    );
  });

  it("have addresses of their own, in any case of letters, until they leave", async () => {
    const double = { ...person("X", "collaborator"), email: "KARIM@elan.example" };
    const taken = { ok: false, code: "email_taken" };
    expect(await staff.addMember(firmId, { id: "mem_x" }, double)).to.deep.equal(taken);
    expect(await staff.changeMember(firmId, anne.id, { email: karim.email }, {})).to.deep.equal(taken);
    expect((await staff.addMember(otherId, { id: "mem_y" }, double)).ok, "in another firm").to.equal(true);
    await staff.leave(firmId, karim.id, {});
    expect((await staff.addMember(firmId, { id: "mem_x" }, double)).ok).to.equal(true);
  });

  it("are nobody's of another firm", async () => {
    await given();
    const missing = { ok: false, code: "not_found" };
    expect(await staff.member(otherId, anne.id)).to.equal(undefined);
    expect(await staff.changeMember(otherId, anne.id, { lastName: "x" }, {})).to.deep.equal(missing);
    expect(await staff.leave(otherId, anne.id, {})).to.deep.equal(missing);
    expect(await staff.delegation(otherId, "del_1")).to.equal(undefined);
    expect(await staff.delegations(otherId)).to.deep.equal([]);
    expect(await staff.delegationsTo(otherId, karim.id)).to.deep.equal([]);
    expect(await staff.revokeDelegation(otherId, "del_1", {})).to.deep.equal(missing);
    const stranger = await added("Stranger", "collaborator", otherId);
    const unknown = { ok: false, code: "collaborator_unknown" };
    expect(await given({ memberId: stranger.id }, "del_2")).to.deep.equal(unknown);
  });

  it("delegate to collaborators, and it stays on the record who gave and revoked what, when", async () => {
    const until = opened.clock.now() + hour;
    const made = await given({ documentTypes: ["mandat"], from: 5, until });
    const delegation = made.ok ? made.value : expect.fail(made.code);
    expect(await staff.delegationsTo(firmId, karim.id)).to.deep.equal([delegation]);
    opened.clock.advance(minute);
    await staff.revokeDelegation(firmId, "del_1", { keyId: "key_1" });
    opened.clock.advance(minute);
    await staff.revokeDelegation(firmId, "del_1", { keyId: "key_2" });
    expect(await staff.delegationsTo(firmId, karim.id)).to.deep.equal([]);
    expect(await staff.delegations(firmId)).to.deep.equal([
      { ...delegation, revokedBy: { keyId: "key_1" }, revokedAt: delegation.givenAt + minute },
    ]);
    expect(await given({ memberId: anne.id }, "del_2")).to.include({ code: "collaborator_unknown" });
    expect(await given({ expertId: karim.id }, "del_2")).to.include({ code: "expert_unknown" });
  });

  it("lose what an expert gave when the expert leaves, or is one no more", async () => {
    await added("Zoé", "expert");
    await given();
    await staff.changeMember(firmId, anne.id, { role: "collaborator" }, {});
    expect(await staff.delegationsTo(firmId, karim.id)).to.deep.equal([]);
    expect((await staff.member(firmId, anne.id))?.rollNumber).to.equal(undefined);
    await staff.changeMember(firmId, anne.id, { role: "expert" }, {});
    expect(await staff.delegationsTo(firmId, karim.id), "it doesn't come back").to.deep.equal([]);
    await given({}, "del_2");
    await staff.leave(firmId, anne.id, {});
    expect(await staff.delegationsTo(firmId, karim.id)).to.deep.equal([]);
  });

  it("always have an expert among them", async () => {
    const last = { ok: false, code: "last_expert" };
    expect(await staff.leave(firmId, anne.id, {})).to.deep.equal(last);
    expect(await staff.changeMember(firmId, anne.id, { role: "collaborator" }, {})).to.deep.equal(last);
  });

  it("end all that is theirs when they leave", async () => {
    const { store, clock } = opened;
    await ensureAuthority(store, clock, "test");
    await given();
    await store.together(async ({ keyring, memberSessions }) => {
      await enrolMember(
        keyring,
        clock,
        { id: firmId, name: "É", email: "", country: "FR", settings: {} },
        karim,
      );
      await memberSessions.begin({ id: "mses_1", firmId, memberId: karim.id }, "hash");
    });
    expect(await store.memberSessions.use("hash")).to.include({ memberId: karim.id });
    await staff.leave(firmId, karim.id, { memberId: anne.id });
    expect(await store.memberSessions.use("hash")).to.equal(undefined);
    const [certificate] = await createMemberCertificates(store, clock).of(karim.id);
    expect(certificate?.revokedAt).to.equal(clock.now());
    expect((await staff.delegations(firmId))[0]?.revokedBy).to.deep.equal({ memberId: anne.id });
    expect(await store.directory.members(firmId)).to.deep.equal([anne]);
    expect(await staff.leave(firmId, karim.id, {})).to.deep.equal({ ok: false, code: "member_left" });
  });

  it("get the certificate that they ordered, once, however often it is asked for", async () => {
    const { store, clock } = opened;
    await ensureAuthority(store, clock, "test");
    const certificates = createMemberCertificates(store, clock);
    const orderedAt = clock.now();
    clock.advance(minute);
    const first = await certificates.issue(firmId, anne.id, orderedAt);
    expect(await certificates.issue(firmId, anne.id, orderedAt)).to.deep.equal(first);
    const later = clock.now() + 1;
    expect(await thrownBy(certificates.issue(firmId, anne.id, later))).to.include({
      code: "certificate_exists",
    });
    expect(await certificates.revoke(anne.id)).to.equal(true);
    // What was revoked meanwhile is not made again for the old order.
    expect((await certificates.issue(firmId, anne.id, orderedAt)).sha256).to.equal(first.sha256);
    clock.advance(minute);
    const second = await certificates.issue(firmId, anne.id, clock.now());
    expect((await certificates.of(anne.id)).map(({ sha256 }) => sha256)).to.deep.equal([
      first.sha256,
      second.sha256,
    ]);
    await staff.leave(firmId, karim.id, {});
    expect(await thrownBy(certificates.issue(firmId, karim.id, clock.now()))).to.include({
      code: "member_missing",
    });
  });

  describe("who have signed in", () => {
    const hash = digestOf("cs_1");
    const begun = () => opened.store.memberSessions.begin({ id: "mses_1", firmId, memberId: anne.id }, hash);
    const isIn = async () => (await opened.store.memberSessions.use(hash)) !== undefined;

    it("are out after an hour without a request, to the millisecond", async () => {
      await begun();
      opened.clock.advance(hour - 1);
      expect(await isIn()).to.equal(true);
      opened.clock.advance(hour - 1);
      expect(await isIn()).to.equal(true);
      opened.clock.advance(hour);
      expect(await isIn()).to.equal(false);
    });

    it("are out after 12 hours, however busy", async () => {
      const { expiresAt } = await begun();
      expect(expiresAt - opened.clock.now()).to.equal(12 * hour);
      for (let n = 0; n < 23; n++) {
        opened.clock.advance(30 * minute);
        expect(await isIn()).to.equal(true);
      }
      opened.clock.advance(30 * minute - 1);
      expect(await isIn()).to.equal(true);
      opened.clock.advance(1);
      expect(await isIn()).to.equal(false);
    });

    it("came with a code that lived a minute", async () => {
      const { store, clock } = opened;
      const signIn = createSignIn(store, clock, { providers: {}, returnOrigins: [] });
      // SHA-256 of the verifier in base64url, as RFC 7636 has them in its appendix B.
      const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
      const challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
      const late = await signIn.codeFor(anne.id, challenge);
      clock.advance(minute);
      expect(await signIn.exchange(late, verifier)).to.equal(undefined);
      const timely = await signIn.codeFor(anne.id, challenge);
      clock.advance(minute - 1);
      const opening = await signIn.exchange(timely, verifier);
      expect(opening?.session.memberId).to.equal(anne.id);
      expect(await store.memberSessions.use(digestOf(opening?.token ?? ""))).to.be.an("object");
      const left = await signIn.codeFor(karim.id, challenge);
      await staff.leave(firmId, karim.id, {});
      expect(await signIn.exchange(left, verifier)).to.equal(undefined);
    });
  });

  it("have API keys with scopes, shown once, revoked, and told when they were used last", async () => {
    const { keys, directory } = opened.store;
    const making = { id: "key_1", fingerprint: "f" };
    const { key, apiKey = "" } = await keys.add(firmId, making, {
      name: "ERP",
      scopes: ["read", "collectes"],
    });
    expect(await keys.add(firmId, making, { name: "ERP", scopes: ["read"] })).to.deep.equal({ key });
    expect(await directory.apiKey(digestOf(apiKey))).to.deep.equal({
      ...{ keyId: "key_1", firmId, scopes: ["read", "collectes"] },
    });
    const usedAt = opened.clock.now();
    keys.used("key_1");
    expect(await keys.find(firmId, "key_1"), "not written with each request").to.deep.equal(key);
    await keys.flush();
    expect(await keys.list(firmId)).to.deep.equal([{ ...key, usedAt }]);
    expect([await keys.list(otherId), await keys.find(otherId, "key_1")]).to.deep.equal([[], undefined]);
    expect(await keys.revoke(otherId, "key_1")).to.equal(undefined);
    expect(await keys.revoke(firmId, "key_1")).to.deep.equal({ ...key, usedAt, revokedAt: usedAt });
    opened.clock.advance(5_000);
    expect(await directory.apiKey(digestOf(apiKey))).to.equal(undefined);
  });

  it("change their firm's settings one at a time, and not at all when it is refused", async () => {
    const { firms } = opened.store;
    const years = (evidenceYears: number) => (before: { email: string }) => ({
      ...{ email: before.email, settings: { evidenceYears }, allowsEmbeddedFiles: evidenceYears === 7 },
    });
    expect(await firms.change(firmId, years(7))).to.deep.include({ settings: { evidenceYears: 7 } });
    const { settings, allowsEmbeddedFiles } = (await firms.read(firmId)) ?? {};
    expect({ settings, allowsEmbeddedFiles }).to.deep.equal({
      settings: { evidenceYears: 7 },
      allowsEmbeddedFiles: true,
    });
    const refused = firms.change(firmId, () => {
      throw new RangeError("no");
    });
    expect(await thrownBy(refused)).to.be.instanceOf(RangeError);
    expect((await firms.read(firmId))?.settings).to.deep.equal({ evidenceYears: 7 });
    expect(await firms.change("firm_x", years(8))).to.equal(undefined);
  });
});
