import { expect } from "chai";
import type { Event } from "../../../../src/actors/collecte/events.ts";
import type { About, Of, Said } from "../../../../src/actors/effects/templates/record/about.ts";
import { stamped } from "../../../../src/actors/effects/templates/record/about.ts";
import { tellers, tellRecord } from "../../../../src/actors/effects/templates/record/tell.ts";
import { aCollecte, morning } from "../../../support/collecte-builder.ts";

const at = morning;
const by = { memberId: "mem_1", delegationId: "del_1" };
const trace = { ip: "192.0.2.1", userAgent: "a browser" };
const signatoryId = "s1";
const certificate = { sha256: "c".repeat(64), serialHex: "0a" };
const documents = [{ id: "d1", before: "aa", after: "bb", bytes: 9, certificate }];
const notice = { effectId: "e", channel: "sms", notice: "otp", to: "s1", reference: "ref-1", at } as const;

/** One of each type: a type that the law gains does not compile before it is here. */
const samples: { [T in Event["type"]]: Omit<Of<T>, "type"> } = {
  CollecteCreated: {
    firmId: "firm",
    language: "fr",
    documents: [{ id: "d1", sha256: "aa", bytes: 9, pages: 1 }],
    steps: [{ signatories: ["s1"] }, { seal: true }],
    copies: ["c1"],
    members: {},
    by,
    at,
    personal: {
      title: "Lettre",
      people: {
        s1: { name: "Zoé", email: "z@client.example" },
        c1: { name: "Yann", email: "y@client.example" },
      },
      documentNames: { d1: "lettre.pdf" },
    },
  },
  DraftRevised: {
    language: "fr",
    documents: [{ id: "d1", sha256: "aa", bytes: 9, pages: 1 }],
    steps: [{ signatories: ["s1"] }],
    copies: [],
    members: {},
    by,
    at,
    personal: { title: "Lettre", people: { s1: { name: "Zoé", email: "z@client.example" } } },
  },
  DraftAbandoned: { at },
  CollecteLaunched: { expiresAt: at, by: { keyId: "key_1" }, at },
  SignatoryInvited: { signatoryId, linkGeneration: 1, at },
  ConsentGiven: {
    signatoryId,
    sessionId: "ses_1",
    documents: ["aa"],
    consentText: "j'ai bien lu",
    at,
    personal: { trace },
  },
  OtpIssued: {
    signatoryId,
    otpId: "otp_1",
    salt: "the-salt",
    mac: "the-mac",
    sessionId: "ses_1",
    documents: ["aa"],
    expiresAt: at,
    at,
  },
  OtpFailed: { signatoryId, otpId: "otp_1", at, personal: { trace } },
  SignatoryLocked: { signatoryId, at },
  OtpConsumed: { signatoryId, otpId: "otp_1", at, personal: { trace } },
  SignatureOrdered: { signatoryId, otpId: "otp_1", documents: ["aa"], ...by, at },
  SignatureApplied: { signatoryId, documents, level: "B-T", at },
  SealOrdered: { step: 1, at },
  SealApplied: { step: 1, documents, level: "B-T", at },
  SigningFailed: { by: { signatoryId }, code: "disk_full", at },
  SigningDelayed: { by: { seal: 1 }, code: "timestamp_pending", reason: "tsa_away", at },
  CollecteRefused: { signatoryId, at, personal: { reason: "Le montant est faux", trace } },
  CollecteExpired: { at },
  CollecteCompleted: { at },
  NotificationSent: notice,
  NotificationDelivered: notice,
  NotificationFailed: notice,
  OrderChanged: { steps: [{ signatories: ["s1"] }], by, at },
  SignatoryReplaced: {
    signatoryId,
    replacementId: "s9",
    by,
    at,
    personal: { person: { name: "Ann", email: "a@client.example" } },
  },
  PersonCorrected: { personId: "s1", by, at, personal: { phone: "+33612345678" } },
  SignatoriesReminded: { reminded: ["s1"], scheduled: false, expiresAt: at, by, at },
  SignatoryUnlocked: { signatoryId, by, at },
  SigningRetried: { by, at },
  CollecteCancelled: { by, at, personal: { reason: "Erreur de client" } },
  SealAwaited: { step: 1, approverId: "a1", memberId: "mem_1", at },
  DocumentsAccessed: {
    personId: "s1",
    sessionId: "ses_1",
    act: "downloaded",
    documents: ["d1"],
    at,
    personal: { trace },
  },
  EvidenceFiled: { sha256: "ee", bytes: 9, level: "B-T", at },
  DocumentsDelivered: { how: "pushed", at },
  PurgeAnnounced: { purgeAt: at, at },
  PurgeBegun: { at },
  CollectePurged: { removed: 2, kept: 1, at },
  PeopleForgotten: { at },
  UpkeepFailed: { what: "deliver", code: "away", at },
};

const types = Object.keys(samples) as Event["type"][];
const members = { mem_1: "Hélène Lemoine" };

function said(type: Event["type"], language: "fr" | "en"): Said {
  const { state } = tellRecord(
    [{ version: 1, n: 0, type: "CollecteCreated", data: { ...samples.CollecteCreated }, at }],
    language,
    members,
  );
  const tell = tellers[type] as (event: object, about: About) => Said;
  return tell({ type, ...samples[type] }, { language, before: state, after: state, members });
}

describe("the record in words", () => {
  for (const type of types) {
    it(`says in French and in English that ${type}`, () => {
      const { fr, en } = said(type, "fr");
      expect(fr).to.be.a("string").and.not.equal(en);
      for (const text of [fr, en, ...(said(type, "en").details ?? []), ...(said(type, "fr").details ?? [])])
        expect(text)
          .to.match(/\S/)
          .and.not.match(/undefined|\[object/);
    });
  }

  it("names people, members and delegations, and gives reasons, addresses and browsers", () => {
    const lines = (type: Event["type"]) => {
      const { en, details = [] } = said(type, "en");
      return [en, ...details].join("\n");
    };
    expect(lines("CollecteCreated"))
      .to.include("by Hélène Lemoine (delegation del_1)")
      .and.include("Zoé (s1)");
    expect(lines("CollecteLaunched")).to.include("a program of the firm (key key_1)");
    expect(lines("CollecteRefused")).to.include("Le montant est faux").and.include("192.0.2.1");
    expect(lines("CollecteCancelled")).to.include("Erreur de client");
    expect(lines("ConsentGiven")).to.include("“j'ai bien lu”").and.include("a browser");
    expect(lines("SignatureApplied")).to.include("aa").and.include("bb").and.include("0a");
    expect(lines("PersonCorrected")).to.include("+33612345678");
    expect(lines("SignatoryReplaced")).to.include("Ann (s9)");
  });

  it("never tells what a code is checked by", () => {
    for (const language of ["fr", "en"] as const) {
      const { details = [] } = said("OtpIssued", language);
      expect(details.join()).to.not.match(/the-salt|the-mac/);
    }
  });

  it("gives times in Paris, with what they differ from UTC, in winter and in summer", () => {
    expect(stamped(Date.UTC(2026, 10, 30, 9))).to.equal("30/11/2026 10:00:00 (UTC+01:00)");
    expect(stamped(Date.UTC(2026, 6, 1, 22, 30, 5))).to.equal("02/07/2026 00:30:05 (UTC+02:00)");
  });

  it("tells a whole story, and names an event that it does not know", () => {
    const { events } = aCollecte().launched().signedBy("s1");
    const rows = events.map((event, n) => ({
      version: 1,
      n,
      type: event.type,
      data: { ...event },
      at: event.at,
    }));
    const unknown = { version: 2, n: 0, type: "OfANewerEngine", data: {}, at };
    const { events: told, state } = tellRecord([...rows, unknown], "fr", {});
    expect(state.status).to.equal("completed");
    expect(told.map(({ text }) => text)).to.include("Consentement donné : Zoé s1");
    expect(told.at(-1)).to.deep.equal({ at, type: "OfANewerEngine", text: "OfANewerEngine", details: [] });
  });

  it("still tells what happened once all that is personal can't be opened any more", () => {
    const sealed = { personal: "Y2lwaGVydGV4dA==" };
    const rows = types.map((type, n) => {
      const sample: object = samples[type];
      return { version: 1, n, type, data: { ...sample, ...("personal" in sample && sealed) }, at };
    });
    const { events } = tellRecord(rows, "fr", {});
    expect(events).to.have.length(types.length);
    expect(JSON.stringify(events)).to.not.include("Zoé");
    // An id stands where a name stood: no sentence has a hole.
    for (const { text } of events) expect(text).not.to.match(/ {2}|: ?$|^ /);
  });
});
