import { withFailed, withIssued } from "../otp/rules.ts";
import { droppedBy } from "./drafts.ts";
import type { Event } from "./events.ts";
import { lived } from "./lived.ts";
import { newcomer } from "./rearranged.ts";
import {
  type Collecte,
  type CollecteDocument,
  documentHeads,
  type Ordered,
  type Signatory,
} from "./state.ts";
import { withoutTasksOf } from "./tasks.ts";
import { codesOf } from "./told.ts";

/** The state after an event. Total and pure: the same events always give the same state. */
export function evolve(state: Collecte, event: Event): Collecte {
  switch (event.type) {
    case "CollecteCreated":
      return created(state, event);
    case "DraftRevised":
      return revised(state, event);
    case "DraftAbandoned":
      return ended({ ...state, abandoned: true }, "cancelled", event.at);
    case "CollecteLaunched":
      return { ...state, status: "launched", launchedAt: event.at, expiresAt: event.expiresAt };
    case "SignatoryInvited":
      return withSignatory(state, event.signatoryId, ({ reflectsSince }) => ({
        status: "invited",
        linkGeneration: event.linkGeneration,
        invitedAt: event.at,
        reflectsSince: reflectsSince ?? event.at,
      }));
    case "ConsentGiven":
      return state;
    case "OtpIssued":
      return withSignatory(state, event.signatoryId, (signatory) => ({
        otp: {
          id: event.otpId,
          salt: event.salt,
          mac: event.mac,
          sessionId: event.sessionId,
          documents: event.documents,
          issuedAt: event.at,
          expiresAt: event.expiresAt,
          failures: 0,
        },
        otpIssuedAt: withIssued(signatory.otpIssuedAt, event.at),
        codes: codesOf(signatory) + 1,
      }));
    case "OtpFailed":
      return withSignatory(state, event.signatoryId, (signatory) => ({
        ...(signatory.otp && { otp: { ...signatory.otp, failures: signatory.otp.failures + 1 } }),
        otpFailedAt: withFailed(signatory.otpFailedAt, event.at),
      }));
    case "SignatoryLocked":
      return withSignatory(state, event.signatoryId, () => ({ locked: true }));
    case "OtpConsumed":
      return withSignatory(state, event.signatoryId, () => ({}), ["otp"]);
    case "SignatureOrdered":
      return {
        // Who signs in the parapheur has no more use for a code that went to their phone.
        ...withSignatory(state, event.signatoryId, () => ({ status: "signing", ...signsFor(event) }), [
          "otp",
        ]),
        ordered: [...state.ordered, { signatoryId: event.signatoryId }],
      };
    case "SealOrdered":
      return { ...state, ordered: [...state.ordered, { seal: event.step }] };
    case "SignatureApplied":
      return stepDone(
        applied(
          withSignatory(withoutTasksOf(state, event.signatoryId), event.signatoryId, () => ({
            status: "signed",
            signedAt: event.at,
            level: event.level,
          })),
          event,
        ),
      );
    case "SealApplied":
      return nextStep(applied(state, event));
    case "SigningFailed":
      return { ...withoutTrouble(state), trouble: { code: event.code, at: event.at } };
    case "SigningDelayed": {
      const { code, reason, at } = event;
      return { ...withoutTrouble(state), pending: { code, reason, at } };
    }
    case "CollecteRefused":
      return ended(
        {
          ...state,
          refusedBy: event.signatoryId,
          personal: {
            ...state.personal,
            ...(event.personal.reason !== undefined && { refusalReason: event.personal.reason }),
          },
        },
        "refused",
        event.at,
      );
    case "CollecteExpired":
      return ended(state, "expired", event.at);
    case "CollecteCompleted":
      return ended(state, "completed", event.at);
    case "CollecteCancelled":
      return ended(
        { ...state, personal: { ...state.personal, cancellationReason: event.personal.reason } },
        "cancelled",
        event.at,
      );
    default:
      return lived(state, event);
  }
}

function signsFor({ memberId, delegationId }: Of<"SignatureOrdered">): Pick<Signatory, "signs"> {
  if (memberId === undefined) return {};
  return { signs: { memberId, ...(delegationId !== undefined && { delegationId }) } };
}

type Of<T extends Event["type"]> = Extract<Event, { type: T }>;

function created(state: Collecte, event: Of<"CollecteCreated">): Collecte {
  return {
    ...state,
    status: "draft",
    firmId: event.firmId,
    ...planOf(event),
    ...(event.by && { preparer: event.by }),
    createdAt: event.at,
  };
}

/** What the plan before said and this one doesn't is no more. */
function revised(state: Collecte, event: Of<"DraftRevised">): Collecte {
  const { stamps: _s, level: _l, documentType: _d, terms: _t, dropped: _before, ...kept } = state;
  const dropped = droppedBy(state, event);
  return { ...kept, ...planOf(event), ...(dropped && { dropped }), revisedAt: event.at };
}

function planOf(event: Of<"CollecteCreated"> | Of<"DraftRevised">) {
  const signatories: Record<string, Signatory> = {};
  event.steps.forEach((step, index) => {
    if ("seal" in step) return;
    for (const id of step.signatories) signatories[id] = newcomer(id, index, event.members[id]);
  });
  return {
    language: event.language,
    documents: event.documents.map((document) => ({
      id: document.id,
      original: document.sha256,
      ...(document.repairedFrom !== undefined && { repairedFrom: document.repairedFrom }),
      head: document.sha256,
      bytes: document.bytes,
      pages: document.pages,
      revisions: 0,
    })),
    steps: event.steps,
    ...(event.stamps && { stamps: event.stamps }),
    ...(event.level !== undefined && { level: event.level }),
    shownInStep: [event.documents.map(({ sha256 }) => sha256)],
    signatories,
    copies: event.copies,
    ...(event.documentType !== undefined && { documentType: event.documentType }),
    ...(event.terms && { terms: event.terms }),
    personal: event.personal,
  };
}

function withSignatory(
  state: Collecte,
  id: string,
  change: (signatory: Signatory) => Partial<Signatory>,
  without: "otp"[] = [],
): Collecte {
  const before = state.signatories[id];
  if (!before) return state;
  const after: Signatory = { ...before, ...change(before) };
  for (const key of without) delete after[key];
  return { ...state, signatories: { ...state.signatories, [id]: after } };
}

function applied(state: Collecte, event: Of<"SignatureApplied"> | Of<"SealApplied">): Collecte {
  const documents = state.documents.map((document): CollecteDocument => {
    const signed = event.documents.find(({ id }) => id === document.id);
    if (!signed) return document;
    return {
      ...document,
      head: signed.after,
      past: [...(document.past ?? []), document.head],
      bytes: signed.bytes,
      revisions: document.revisions + 1,
      level: event.level,
    };
  });
  return { ...withoutTrouble(state), documents, ordered: state.ordered.slice(1) };
}

function stepDone(state: Collecte): Collecte {
  const step = state.steps[state.currentStep];
  const done =
    step !== undefined &&
    "signatories" in step &&
    step.signatories.every((id) => state.signatories[id]?.status === "signed");
  return done ? nextStep(state) : { ...state, shownInStep: [...state.shownInStep, documentHeads(state)] };
}

function nextStep(state: Collecte): Collecte {
  return { ...state, currentStep: state.currentStep + 1, shownInStep: [documentHeads(state)] };
}

function ended(state: Collecte, status: Collecte["status"], at: number): Collecte {
  const ordered: Ordered[] = [];
  return { ...withoutTrouble(state), status, endedAt: at, ordered };
}

function withoutTrouble({ trouble: _mended, pending: _over, ...sound }: Collecte): Collecte {
  return sound;
}
