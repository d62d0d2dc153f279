import type { LifeEvent } from "./life-events.ts";
import { type Collecte, documentHeads, type Signatory, type Step } from "./state.ts";
import { withoutTasksOf } from "./tasks.ts";

type Of<T extends LifeEvent["type"]> = Extract<LifeEvent, { type: T }>;

/** Those who have signed keep their place; the steps that follow are the event's. */
export function reordered(state: Collecte, { steps }: Of<"OrderChanged">): Collecte {
  const done = state.steps.slice(0, state.currentStep);
  const current = state.steps[state.currentStep];
  const signed =
    current && "signatories" in current
      ? current.signatories.filter((id) => state.signatories[id]?.status === "signed")
      : [];
  const before: Step[] = signed.length > 0 ? [...done, { signatories: signed }] : done;
  const signatories = { ...state.signatories };
  steps.forEach((step, i) => {
    if ("seal" in step) return;
    for (const id of step.signatories) {
      const signatory = signatories[id];
      if (signatory) signatories[id] = { ...uninvited(signatory), step: before.length + i };
    }
  });
  return {
    ...state,
    steps: [...before, ...steps],
    currentStep: before.length,
    shownInStep: [documentHeads(state)],
    signatories,
  };
}

export function replaced(state: Collecte, event: Of<"SignatoryReplaced">): Collecte {
  const { signatoryId, replacementId, memberId, personal } = event;
  const instead = (id: string) => (id === signatoryId ? replacementId : id);
  const signatories = Object.fromEntries(
    Object.entries(state.signatories).map(([id, one]): [string, Signatory] =>
      id === signatoryId ? [replacementId, newcomer(replacementId, one.step, memberId)] : [id, one],
    ),
  );
  const stamps = state.stamps?.map((stamp) =>
    "signatoryId" in stamp.by ? { ...stamp, by: { signatoryId: instead(stamp.by.signatoryId) } } : stamp,
  );
  return {
    ...withoutTasksOf(state, signatoryId),
    steps: state.steps.map((step) =>
      "seal" in step ? step : { signatories: step.signatories.map(instead) },
    ),
    ...(stamps && { stamps }),
    signatories,
    replaced: [...(state.replaced ?? []), signatoryId],
    personal: {
      ...state.personal,
      people: { ...state.personal.people, [replacementId]: personal.person },
    },
  };
}

/** Links to the old address die: that for signing with the next invitation, that to the documents at once. */
export function corrected(state: Collecte, { personId, personal }: Of<"PersonCorrected">): Collecte {
  const { email, phone } = personal;
  const person = state.personal.people[personId];
  const signatory = state.signatories[personId];
  if (!person) return state;
  const mailed = email === undefined ? state : withoutTasksOf(state, personId, "mail");
  const reached = phone === undefined ? mailed : withoutTasksOf(mailed, personId, "sms");
  return {
    ...reached,
    personal: {
      ...state.personal,
      people: { ...state.personal.people, [personId]: { ...person, ...personal } },
    },
    ...(signatory && {
      signatories: {
        ...state.signatories,
        [personId]: signatory.status === "invited" ? uninvited(signatory) : signatory,
      },
    }),
    ...(email !== undefined && {
      downloads: { ...state.downloads, [personId]: (state.downloads?.[personId] ?? 1) + 1 },
    }),
  };
}

export function unlocked(state: Collecte, signatoryId: string): Collecte {
  const signatory = state.signatories[signatoryId];
  if (!signatory) return state;
  const { otp: _void, ...kept } = signatory;
  const free: Signatory = { ...kept, locked: false, otpFailedAt: [] };
  return { ...state, signatories: { ...state.signatories, [signatoryId]: free } };
}

/** The link and the codes that they have die at once. */
function uninvited(signatory: Signatory): Signatory {
  if (signatory.status !== "invited") return signatory;
  const { otp: _void, ...kept } = signatory;
  return { ...kept, status: "waiting", linkGeneration: signatory.linkGeneration + 1 };
}

export function newcomer(id: string, step: number, memberId: string | undefined): Signatory {
  return {
    id,
    step,
    ...(memberId !== undefined && { memberId }),
    status: "waiting",
    linkGeneration: 0,
    otpIssuedAt: [],
    otpFailedAt: [],
    locked: false,
  };
}
