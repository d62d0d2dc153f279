import type { Command } from "../collecte/commands.ts";
import type { Effect } from "../collecte/effects.ts";
import type { Collecte } from "../collecte/state.ts";
import { Terminal } from "../runtime/errors.ts";
import type { EffectInHand } from "../runtime/ports.ts";
import type { EffectDeps } from "./deps.ts";
import type { DressedLetter } from "./templates/layout.ts";
import { completed, expired, invitation, refused, trouble } from "./templates/notices.ts";
import { oneLine } from "./templates/text.ts";

type MailOrder = Extract<Effect, { kind: "mail" }>;
type MailNotice = MailOrder["notice"];
type Recipient = { name: string; email: string };

/** Sends one notice; the effect's id is its Message-ID, so that a second try is known as the same mail. */
export function mailEffect(
  deps: Pick<EffectDeps, "mailer" | "directory" | "secrets" | "clock" | "settings">,
): (effect: EffectInHand) => Promise<Command | undefined> {
  return async ({ row, state }) => {
    const order = row.payload as unknown as MailOrder;
    if (state.notifications[row.id]?.status === "sent" || !isStillTrue(order, state)) return undefined;
    const firm = await deps.directory.firm(row.firmId);
    if (!firm) throw new Terminal("firm_missing");
    const recipient: Recipient | undefined = order.to === "preparer" ? firm : state.personal.people[order.to];
    if (!recipient) throw new Terminal("recipient_missing");
    const { reference } = await deps.mailer.send({
      messageId: messageIdOf(row.id, deps.settings.mailDomain),
      to: { name: oneLine(recipient.name), address: recipient.email },
      ...write(order, state, firm.name, recipient.name, (purpose) => linkOf(row.actorId, order, purpose)),
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

  function linkOf(collecteId: string, order: MailOrder, page: "sign" | "download"): string {
    if (!("link" in order)) throw new Terminal("link_missing");
    const token = deps.secrets.linkToken({ collecteId, personId: order.to, ...order.link });
    return `${deps.settings.baseUrl.replace(/\/+$/, "")}/${page}#${token}`;
  }
}

/** `<{effect id}@{domain}>`, in the characters of a dot-atom (RFC 5322, section 3.2.3). */
export function messageIdOf(effectId: string, mailDomain: string): string {
  return `<${effectId.replace(/[^A-Za-z0-9._-]/g, "-")}@${mailDomain.replace(/[^A-Za-z0-9.-]/g, "-")}>`;
}

function isStillTrue(order: MailOrder, state: Collecte): boolean {
  if (order.notice === "trouble") return state.trouble !== undefined;
  if (order.notice !== "invitation") return state.status === order.notice;
  const signatory = state.signatories[order.to];
  return (
    state.status === "launched" &&
    signatory?.status === "invited" &&
    signatory.linkGeneration === order.link.generation
  );
}

function write(
  order: MailOrder,
  state: Collecte,
  firmName: string,
  recipientName: string,
  link: (page: "sign" | "download") => string,
): DressedLetter {
  const { language, documents, personal, expiresAt, endedAt } = state;
  const about = { language, firmName, title: personal.title, recipientName };
  const ended = endedAt === undefined ? {} : { at: endedAt };
  const notice: MailNotice = order.notice;
  switch (notice) {
    case "invitation":
      return invitation({
        ...about,
        documents: documents.length,
        ...(personal.message !== undefined && { message: personal.message }),
        url: link("sign"),
        ...(expiresAt !== undefined && { expiresAt }),
      });
    case "completed":
      return completed({ ...about, documents: documents.length, url: link("download") });
    case "refused":
      return refused({
        ...about,
        ...ended,
        who: personal.people[state.refusedBy ?? ""]?.name ?? "",
        ...(personal.refusalReason !== undefined && { reason: personal.refusalReason }),
      });
    case "expired":
      return expired({ ...about, ...ended });
    case "trouble":
      return trouble({ ...about, code: state.trouble?.code ?? "" });
  }
}
