import { z } from "zod";
import { type Act, type ActType, act } from "./act.ts";
import { personOf } from "./collecte-people.ts";
import {
  maxSignatoriesOfStep,
  maxSignatures,
  maxSteps,
  newCollecteSchema,
  person,
} from "./collecte-schema.ts";
import { createCommand } from "./create-collecte.ts";
import { fieldError } from "./field-errors.ts";
import { mustBeAllowed } from "./phone-countries.ts";
import { Problem } from "./problem.ts";
import { fault, strict } from "./validation.ts";
import { email, id, lines, phone } from "./words.ts";

const signatory = "/signatories/{signatoryId}";

/*
 * `prepare` is for what reaches nobody outside; whatever goes out to people, or changes who is asked or when, takes
 * `launch`. See docs/decisions/0028-preparer.md.
 */
const prepare = () => ["prepare"] as const;
const launch = () => ["launch"] as const;
/** A seal that nobody else approves is approved by who lets it come. */
const launchAndSeal: Act["rights"] = ({ steps: plan, currentStep }) =>
  plan.slice(currentStep).some((step) => "seal" in step && !step.approver) ? ["launch", "seal"] : launch();

const steps = z
  .array(
    z.union([
      strict({ signatories: z.array(id).min(1).max(maxSignatoriesOfStep) }),
      strict({ seal: z.literal(true), key: z.number().int().min(0).max(maxSteps) }),
    ]),
  )
  .min(1)
  .max(maxSignatures);

const correction = (country: string) =>
  strict({ email: email.optional(), phone: phone(country).optional() }).superRefine((body, context) => {
    if (body.email === undefined && body.phone === undefined) fault(context, "required", ["email"]);
  });

const replacement = (country: string) => z.union([strict(person(country)), strict({ member: id })]);

/** All that a preparer may order of a collecte that exists. */
export const acts: readonly Act[] = [
  act({
    type: "revise",
    method: "put",
    path: "",
    operationId: "reviseDraft",
    summary: "Put a draft anew: the body is the whole of it, as when it was made",
    rights: prepare,
    body: newCollecteSchema,
    planIn: (body) => body,
    command({ body, by, judged, at, firmId, settings, found }) {
      const { type: _, firmId: __, ...plan } = createCommand({ firmId, settings, by, at }, body, found);
      return { ...plan, ...judged, type: "ReviseDraft", by };
    },
  }),
  act({
    type: "launch",
    method: "post",
    path: "/launch",
    operationId: "launchCollecte",
    summary: "Launch a draft: its first signatories are invited",
    rights: launchAndSeal,
    command: ({ by, judged, at }) => ({ type: "LaunchCollecte", by, ...judged, at }),
  }),
  act({
    type: "reorder",
    method: "put",
    path: "/steps",
    operationId: "changeOrder",
    summary: "Put the steps that are left in another order: each signatory and seal that is left, once",
    // What is moved to the front is made at once.
    rights: launchAndSeal,
    body: () => strict({ steps }),
    command: ({ body, by, at }) => ({ type: "ChangeOrder", steps: body.steps, by, at }),
  }),
  act({
    type: "replace",
    method: "post",
    path: `${signatory}/replacement`,
    operationId: "replaceSignatory",
    summary: "Ask somebody else to sign in the place of a signatory, whose link dies",
    about: "signatoryId",
    rights: launch,
    body: replacement,
    namesMember: (body) => "member" in body,
    command({ aboutId: signatoryId, body, by, at, found, settings }) {
      const member = "member" in body ? found.members.get(body.member) : undefined;
      if ("member" in body && !member)
        throw new Problem("not_found", { errors: [fieldError("member", "member_unknown")] });
      const newcomer = personOf(member ?? (body as Exclude<typeof body, { member: string }>));
      mustBeAllowed(settings, newcomer.phone, member ? "member" : "phone");
      const memberId = member && { memberId: member.id };
      const personal = { person: newcomer };
      return { type: "ReplaceSignatory", signatoryId, ...memberId, by, at, personal };
    },
  }),
  act({
    type: "correct",
    method: "patch",
    path: "/people/{personId}",
    operationId: "correctPerson",
    summary:
      "Correct the e-mail or phone of a signatory or a recipient in copy; what went to the old one dies",
    about: "personId",
    rights: launch,
    body: correction,
    command({ aboutId: personId, body, by, at, settings }) {
      mustBeAllowed(settings, body.phone, "phone");
      const personal = {
        ...(body.email !== undefined && { email: body.email }),
        ...(body.phone !== undefined && { phone: body.phone }),
      };
      return { type: "CorrectPerson", personId, by, at, personal };
    },
  }),
  act({
    type: "remind",
    method: "post",
    path: "/reminders",
    operationId: "remindSignatories",
    summary: "Tell those whose turn it is again; the deadline moves by 15 days from what it is",
    rights: launch,
    command: ({ by, at }) => ({ type: "RemindSignatories", by, at }),
  }),
  act({
    type: "cancel",
    method: "post",
    path: "/cancellation",
    operationId: "cancelCollecte",
    summary: "Cancel a draft, or a launched collecte: it ends, and those who were asked to sign are told",
    rights: ({ status }) => (status === "draft" ? ["prepare"] : ["launch"]),
    body: () => strict({ reason: lines(1_000).min(1) }),
    command({ body, by, judged, at }) {
      return { type: "CancelCollecte", by, ...judged, at, personal: { reason: body.reason } };
    },
  }),
  act({
    type: "unlock",
    method: "post",
    path: `${signatory}/unlock`,
    operationId: "unlockSignatory",
    summary: "Let a signatory try again who was locked after too many wrong codes",
    about: "signatoryId",
    rights: launch,
    command: ({ aboutId: signatoryId, by, at }) => ({ type: "UnlockSignatory", signatoryId, by, at }),
  }),
  act({
    type: "retry",
    method: "post",
    path: "/retry",
    operationId: "retrySigning",
    summary: "Try a signature or seal again that was accepted and could not be made",
    rights: prepare,
    command: ({ by, at }) => ({ type: "RetrySigning", by, at }),
  }),
  act({
    type: "fetched",
    method: "post",
    path: "/fetched",
    operationId: "tellFetched",
    summary: "Say that the firm has its documents: nobody is warned before they are purged",
    rights: prepare,
    command: ({ by, at }) => ({ type: "RecordDelivery", how: "fetched", by, at }),
  }),
];

const byType = new Map(acts.map((one) => [one.type, one]));

export function actOf(type: ActType): Act {
  const found = byType.get(type);
  if (!found) throw new Error(`no act ${type}`);
  return found;
}
