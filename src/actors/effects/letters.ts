import type { MailEffect } from "../collecte/effects.ts";
import { purgeAt } from "../collecte/retention.ts";
import type { Collecte } from "../collecte/state.ts";
import type { DressedLetter } from "./templates/layout.ts";
import {
  closed,
  locked,
  purgeSoon,
  released,
  sealAwaited,
  unreachable,
  upkeepFailed,
} from "./templates/life-notices.ts";
import { completed, expired, invitation, refused, reminder, trouble } from "./templates/notices.ts";

/** What a notice says: to whom it goes and what is so now. */
export function letterOf(
  order: MailEffect,
  state: Collecte,
  firmName: string,
  recipientName: string,
  link: (page: "sign" | "download") => string,
): DressedLetter {
  const { language, documents, personal, expiresAt, endedAt } = state;
  const about = { language, firmName, title: personal.title, recipientName };
  const ended = endedAt === undefined ? {} : { at: endedAt };
  const asked = {
    ...about,
    documents: documents.length,
    ...(personal.message !== undefined && { message: personal.message }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
  switch (order.notice) {
    case "invitation":
      return invitation({ ...asked, url: link("sign") });
    case "reminder":
      return reminder({ ...asked, url: link("sign") });
    case "seal_awaited":
      return sealAwaited(asked);
    case "completed":
      return completed({ ...about, documents: documents.length, url: link("download") });
    case "refused":
      return refused({
        ...about,
        ...ended,
        who: nameOf(state, state.refusedBy),
        ...(personal.refusalReason !== undefined && { reason: personal.refusalReason }),
      });
    case "expired":
      return expired({ ...about, ...ended });
    case "trouble":
      return trouble({ ...about, code: state.trouble?.code ?? "" });
    case "closed":
      return closed({ ...about, how: state.status });
    case "released":
      return released(about);
    case "locked":
      return locked({ ...about, who: nameOf(state, order.about) });
    case "unreachable": {
      const task = state.tasks?.[order.about ?? ""];
      const { personId, channel = "mail", code = "" } = task ?? {};
      return unreachable({ ...about, who: nameOf(state, personId), channel, code });
    }
    case "purge_soon":
      return purgeSoon({ ...about, purgeAt: purgeAt(state) ?? 0 });
    case "upkeep_failed":
      return upkeepFailed({ ...about, code: state.upkeep?.[order.about ?? ""]?.code ?? "" });
  }
}

function nameOf({ personal }: Collecte, personId = ""): string {
  return personal.people[personId]?.name ?? "";
}
