import { type Collecte, type Instant, type SealStep, sealKey } from "../actors/collecte/state.ts";
import { orderedBy, stamped } from "../actors/effects/templates/record/about.ts";
import type { ToldRecord } from "../actors/effects/templates/record/tell.ts";
import type { Block } from "../actors/runtime/ports.ts";
import { pageWords } from "./page-words.ts";
import type { ExportedRecord } from "./record.ts";

interface Asked {
  record: ExportedRecord;
  state: Collecte;
  language: "fr" | "en";
}

/** Who was to do what and did: the signatories and seals step by step, then who was replaced, then those in copy. */
export function peopleBlocks(record: ExportedRecord, { state }: ToldRecord, language: "fr" | "en"): Block[] {
  const asked: Asked = { record, state, language };
  const its = pageWords[language];
  const steps = state.steps.flatMap((step, i) =>
    "seal" in step ? sealRows(asked, step, i) : step.signatories.map((id) => signatoryRow(asked, id, i)),
  );
  const rest = [
    ...(state.replaced ?? []).map((id) => personRow(asked, its.replaced, id, its.replacedBefore)),
    ...state.copies.map((id) => personRow(asked, its.copy, id)),
  ];
  return [...steps, ...rest];
}

function signatoryRow(asked: Asked, id: string, step: number): Block {
  const { record, state, language } = asked;
  const its = pageWords[language];
  const signatory = state.signatories[id];
  const label = `${its.signatory}, ${its.step(step + 1)}`;
  if (signatory?.signedAt !== undefined) {
    const { signs } = signatory;
    const about = { language, before: state, after: state, members: record.members };
    const by = signs?.delegationId === undefined ? "" : orderedBy(signs, about)[language];
    return personRow(asked, label, id, `${its.signed} ${stamped(signatory.signedAt)}${by}`);
  }
  if (state.refusedBy === id && state.endedAt !== undefined)
    return personRow(asked, label, id, `${its.refused} ${stamped(state.endedAt)}`);
  const wasInvited = (signatory?.linkGeneration ?? 0) > 0;
  return personRow(asked, label, id, wasInvited ? its.notSigned : its.notAsked);
}

function sealRows(asked: Asked, step: SealStep, i: number): Block[] {
  const { record, language } = asked;
  const its = pageWords[language];
  const at = sealedAt(record, sealKey(step, i));
  const seal: Block = {
    kind: "row",
    label: `${its.seal}, ${its.step(i + 1)}`,
    text: `${record.firm.name}\n${at === undefined ? its.notSealed : `${its.sealed} ${stamped(at)}`}`,
  };
  return step.approver === undefined ? [seal] : [seal, personRow(asked, its.approver, step.approver.id)];
}

function sealedAt({ events }: ExportedRecord, key: number): Instant | undefined {
  const applied = events.filter(({ type }) => type === "SealApplied");
  return applied.find(({ data }) => (JSON.parse(data) as { step: number }).step === key)?.at;
}

/** What was said about people may be gone: then their ids are left. */
function personRow({ state }: Asked, label: string, id: string, what?: string): Block {
  const { name, email, phone } = state.personal.people[id] ?? {};
  const details = [email, phone].filter((one) => one !== undefined && one !== "").join(" – ");
  return {
    kind: "row",
    label,
    text: [name === undefined || name === "" ? id : `${name} (${id})`, what].filter(Boolean).join("\n"),
    ...(details !== "" && { details: [details] }),
  };
}
