import type { LifeEvent } from "./life-events.ts";
import { type Collecte, documentHeads, type Person, type Signatory, type Step } from "./state.ts";
import { withoutTasksOf } from "./tasks.ts";
import { downloadGeneration } from "./told.ts";

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
  const places = new Map(
    steps.flatMap((step, i) =>
      "seal" in step ? [] : step.signatories.map((id) => [id, before.length + i] as const),
    ),
  );
  const signatories = Object.fromEntries(
    Object.entries(state.signatories).map(([id, one]): [string, Signatory] => {
      const step = places.get(id);
      return [id, step === undefined ? one : { ...uninvited(one), step }];
    }),
  );
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

/** All links to an old address die at once, and those for signing with an old phone. */
export function corrected(state: Collecte, event: Of<"PersonCorrected">): Collecte {
  const { personId, personal, at } = event;
  const channels = [
    ...(personal.email === undefined ? [] : ["mail" as const]),
    ...(personal.phone === undefined ? [] : ["sms" as const]),
  ];
  const mended = { ...state.mended?.[personId], ...Object.fromEntries(channels.map((one) => [one, at])) };
  const reached = channels.reduce((sofar, channel) => withoutTasksOf(sofar, personId, channel), state);
  const { people } = state.personal;
  return {
    ...reached,
    mended: { ...state.mended, [personId]: mended },
    personal: {
      ...state.personal,
      people: { ...people, [personId]: { ...(people[personId] as Person), ...personal } },
    },
    signatories: mapSignatory(state.signatories, personId, (one) => readdressed(one, personal.email)),
    ...(personal.email !== undefined && {
      downloads: { ...state.downloads, [personId]: downloadGeneration(state, personId) + 1 },
    }),
  };
}

/** Who has another mailbox begins to reflect when the invitation comes to it. */
function readdressed(signatory: Signatory, email: string | undefined): Signatory {
  if (email === undefined) return uninvited(signatory);
  const { reflectsSince: _elsewhere, ...kept } = uninvited(signatory);
  return signatory.status === "signed" ? { ...kept, linkGeneration: kept.linkGeneration + 1 } : kept;
}

export function unlocked(state: Collecte, signatoryId: string): Collecte {
  const signatories = mapSignatory(state.signatories, signatoryId, ({ otp: _void, ...kept }) => ({
    ...kept,
    locked: false,
    otpFailedAt: [],
  }));
  return { ...state, signatories };
}

function mapSignatory(
  signatories: Collecte["signatories"],
  id: string,
  change: (signatory: Signatory) => Signatory,
): Collecte["signatories"] {
  return Object.fromEntries(
    Object.entries(signatories).map(([key, one]) => [key, key === id ? change(one) : one]),
  );
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
