import { escapeHtml, type Language, oneLine } from "./text.ts";

/** A mail's body before it is dressed: every string is plain text, escaped here and nowhere else. */
export interface Letter {
  language: Language;
  subject: string;
  greeting: string;
  /** `strong` marks the title of the collecte. */
  before: (string | { strong: string })[];
  button?: { label: string; url: string };
  after: string[];
  signature: string;
}

/** What a mailer sends, less the recipient. */
export interface DressedLetter {
  subject: string;
  text: string;
  html: string;
}

/** The same words twice, as plain text and as one HTML column that needs no image, font or script from elsewhere. */
export function dress(letter: Letter): DressedLetter {
  return { subject: oneLine(letter.subject), text: asText(letter), html: asHtml(letter) };
}

function asText({ language, greeting, before, button, after, signature }: Letter): string {
  const colon = language === "fr" ? " :" : ":";
  const blocks = [
    greeting,
    ...before.map((block) => (typeof block === "string" ? block : block.strong)),
    ...(button ? [`${button.label}${colon}\n${button.url}`] : []),
    ...after,
    `-- \n${signature}`,
  ];
  return `${blocks.join("\n\n")}\n`;
}

function asHtml({ language, subject, greeting, before, button, after, signature }: Letter): string {
  const opening = [
    p(greeting),
    ...before.map((block) => (typeof block === "string" ? p(block) : p(block.strong, strongStyle))),
  ];
  const action = button
    ? `<p style="margin:28px 0"><a href="${escapeHtml(button.url)}" style="${buttonStyle}">${escapeHtml(button.label)}</a></p>`
    : "";
  const closing = after.map((block) => p(block, quietStyle));
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(oneLine(subject))}</title>
</head>
<body style="margin:0;padding:0;background:#f3f5f8">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background:#f3f5f8">
<tr><td align="center" style="padding:24px 12px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="${cardStyle}">
<tr><td style="padding:32px 28px">
${[...opening, action, ...closing].filter(Boolean).join("\n")}
${p(signature, signatureStyle)}
</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`;
}

function p(text: string, style = ""): string {
  return `<p style="margin:0 0 16px;${style}">${escapeHtml(text)}</p>`;
}

const cardStyle =
  "max-width:560px;background:#ffffff;border-radius:8px;" +
  "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5;color:#1b2430";
const strongStyle = "font-weight:bold;font-size:18px";
const quietStyle = "font-size:14px;color:#4a5565";
const signatureStyle = "margin-top:24px;font-size:14px;color:#4a5565";
const buttonStyle =
  "display:inline-block;padding:14px 28px;border-radius:6px;background:#1f4f8f;color:#ffffff;font-weight:bold;text-decoration:none";
