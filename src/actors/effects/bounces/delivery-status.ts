/** What a server says of one recipient (RFC 3464, section 2.3). */
export interface DeliveryStatus {
  action: string;
  /** RFC 3463: `5.1.1`. */
  status: string;
}

interface Part {
  headers: Map<string, string>;
  body: string;
}

const statusType = /^message\/(global-)?delivery-status\b/i;
const mostParts = 20;
const mostRecipients = 10;

/**
 * What a delivery status notification (RFC 3464) says; nothing when the mail is none. Only its machine-readable part is
 * read: texts for people say anything, and quote the mail that came back.
 */
export function deliveryStatuses(raw: Uint8Array): DeliveryStatus[] {
  const part = statusPart(split(Buffer.from(raw).toString("latin1").replace(/\r\n/g, "\n")));
  if (!part) return [];
  // The first group is about the mail, each other one about a recipient.
  const groups = decoded(part)
    .replace(/\r\n/g, "\n")
    .trim()
    .split(/\n[ \t]*\n/)
    .slice(1, 1 + mostRecipients);
  return groups.flatMap((group) => {
    const fields = fieldsOf(group);
    const action = fields.get("action")?.toLowerCase();
    const status = /^[245]\.\d{1,3}\.\d{1,3}/.exec(fields.get("status") ?? "")?.[0];
    return action === undefined || status === undefined ? [] : [{ action, status }];
  });
}

function statusPart({ headers, body }: Part): Part | undefined {
  const type = headers.get("content-type") ?? "";
  if (statusType.test(type)) return { headers, body };
  if (!/^multipart\/report\b/i.test(type)) return undefined;
  const boundary = /;\s*boundary="?([^";\n]{1,70})"?/i.exec(type)?.[1];
  if (boundary === undefined) return undefined;
  return `\n${body}`
    .split(`\n--${boundary}`)
    .slice(1, 1 + mostParts)
    .map((text) => split(text.replace(/^[ \t]*\n/, "")))
    .find((part) => statusType.test(part.headers.get("content-type") ?? ""));
}

function split(text: string): Part {
  const end = text.startsWith("\n") ? 0 : text.indexOf("\n\n");
  const head = end < 0 ? text : text.slice(0, end);
  return { headers: fieldsOf(head), body: end < 0 ? "" : text.slice(end).replace(/^\n+/, "") };
}

function fieldsOf(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.replace(/\n[ \t]+/g, " ").split("\n")) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).trim().toLowerCase();
    if (colon > 0 && !fields.has(name)) fields.set(name, line.slice(colon + 1).trim());
  }
  return fields;
}

function decoded({ headers, body }: Part): string {
  switch (headers.get("content-transfer-encoding")?.toLowerCase()) {
    case "base64":
      return Buffer.from(body, "base64").toString("latin1");
    case "quoted-printable":
      return body
        .replace(/=[ \t]*\n/g, "")
        .replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    default:
      return body;
  }
}
