import type { Command } from "../collecte/commands.ts";
import type { MailEffect } from "../collecte/effects.ts";
import { awaitedNow, type Collecte, hasEnded } from "../collecte/state.ts";
import { downloadGeneration, wasSent } from "../collecte/told.ts";
import { Terminal } from "../runtime/errors.ts";
import type { EffectInHand, Firm } from "../runtime/ports.ts";
import type { EffectDeps } from "./deps.ts";
import { letterOf } from "./letters.ts";
import { oneLine } from "./templates/text.ts";

type Recipient = { name: string; email: string };

/** Sends one notice; the effect's id is its Message-ID, so that a second try is known as the same mail. */
export function mailEffect(
  deps: Pick<EffectDeps, "mailer" | "directory" | "secrets" | "clock" | "settings">,
): (effect: EffectInHand) => Promise<Command | undefined> {
  return async ({ row, state }) => {
    const order = row.payload as unknown as MailEffect;
    if (wasSent(state, row.id) || !isStillTrue(order, state)) return undefined;
    const firm = await deps.directory.firm(row.firmId);
    if (!firm) throw new Terminal("firm_missing");
    const recipient: Recipient | undefined =
      order.to === "preparer" ? await preparerOf(deps, firm, state) : state.personal.people[order.to];
    if (!recipient) throw new Terminal("recipient_missing");
    if (await isAskedInVain(deps, firm.id, order, state)) throw new Terminal("member_missing");
    const { reference } = await deps.mailer.send({
      messageId: messageIdOf(row.id, deps.settings.mailDomain),
      to: { name: oneLine(recipient.name), address: recipient.email },
      ...letterOf(order, state, firm.name, recipient.name, (page) => linkOf(row.actorId, order, page)),
    });
    return {
      type: "RecordNotification",
      effectId: row.id,
      channel: "mail",
      notice: order.notice,
      to: order.to,
      status: "sent",
      reference,
      at: deps.clock.now(),
    };
  };

  function linkOf(collecteId: string, order: MailEffect, page: "sign" | "download"): string {
    if (!("link" in order)) throw new Terminal("link_missing");
    const token = deps.secrets.linkToken({ collecteId, personId: order.to, ...order.link });
    return `${deps.settings.baseUrl.replace(/\/+$/, "")}/${page}#${token}`;
  }
}

/** `<{effect id}@{domain}>`, in the characters of a dot-atom (RFC 5322, section 3.2.3). */
export function messageIdOf(effectId: string, mailDomain: string): string {
  return `<${effectId.replace(/[^A-Za-z0-9._-]/g, "-")}@${mailDomain.replace(/[^A-Za-z0-9.-]/g, "-")}>`;
}

/** The member who made the collecte, while they are one; else the firm. */
async function preparerOf(
  { directory }: Pick<EffectDeps, "directory">,
  firm: Firm,
  { preparer }: Collecte,
): Promise<Recipient> {
  const id = preparer?.memberId;
  const member = id === undefined ? undefined : await directory.member(firm.id, id);
  return member && member.leftAt === undefined
    ? { name: `${member.firstName} ${member.lastName}`, email: member.email }
    : firm;
}

const asking: ReadonlySet<string> = new Set(["invitation", "reminder", "seal_awaited"]);

/** Whether it asks a member who has left, and can do nothing: their preparer is told that somebody else must. */
async function isAskedInVain(
  { directory }: Pick<EffectDeps, "directory">,
  firmId: string,
  { notice, to }: MailEffect,
  { signatories, steps, currentStep }: Collecte,
): Promise<boolean> {
  const step = steps[currentStep];
  const approver = step && "seal" in step ? step.approver : undefined;
  const memberId = approver?.id === to ? approver.memberId : signatories[to]?.memberId;
  if (memberId === undefined || !asking.has(notice)) return false;
  return (await directory.member(firmId, memberId))?.leftAt !== undefined;
}

function isStillTrue(order: MailEffect, state: Collecte): boolean {
  switch (order.notice) {
    case "trouble":
      return state.trouble !== undefined;
    case "invitation":
    case "reminder": {
      const { generation } = order.link;
      const isAwaited = awaitedNow(state).includes(order.to);
      return isAwaited && state.signatories[order.to]?.linkGeneration === generation;
    }
    case "seal_awaited":
      return awaitedNow(state).includes(order.to);
    case "completed":
      return (
        state.status === "completed" &&
        !state.purgingAt &&
        downloadGeneration(state, order.to) === order.link.generation
      );
    case "refused":
    case "expired":
      return state.status === order.notice;
    case "closed":
      return hasEnded(state) && state.status !== "purged";
    case "released":
      return state.status === "launched";
    case "locked":
      return state.signatories[order.about ?? ""]?.locked === true;
    case "unreachable":
      return state.tasks?.[order.about ?? ""] !== undefined;
    case "purge_soon":
      return state.deliveredAt === undefined && state.purgingAt === undefined;
    case "upkeep_failed":
      return state.upkeep?.[order.about ?? ""] !== undefined;
  }
}
