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
  const p = (text: string, of = "", style = "") =>
    `<p${of && ` class="${of}"`} style="margin:0 0 16px;${style}">${escapeHtml(typeset(text, language))}</p>`;
  const opening = [
    p(greeting),
    ...before.map((block) => (typeof block === "string" ? p(block) : p(block.strong, "", strongStyle))),
  ];
  const closing = after.map((block) => p(block, "quiet", quietStyle));
  return `<!doctype html>
<html lang="${language}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(oneLine(subject))}</title>
<style>${darkStyle}</style>
</head>
<body class="page" style="margin:0;padding:0;background:#f3f5f8">
<div style="${unseenStyle}">${escapeHtml(typeset(previewOf(before), language))}</div>
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" style="table-layout:fixed;background:#f3f5f8">
<tr><td align="center" style="padding:24px 12px">
<!--[if mso]><table role="presentation" width="560" cellpadding="0" cellspacing="0"><tr><td><![endif]-->
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" style="${cardStyle}">
<tr><td style="padding:32px 28px 16px">
${[...opening, button ? asButton(button) : "", ...closing].filter(Boolean).join("\n")}
${p(signature, "quiet", signatureStyle)}
</td></tr>
</table>
<!--[if mso]></td></tr></table><![endif]-->
</td></tr>
</table>
</body>
</html>
`;
}

/** A cell, because Outlook gives no padding to a link. */
function asButton({ label, url }: { label: string; url: string }): string {
  return (
    '<table role="presentation" cellpadding="0" cellspacing="0" style="margin:28px 0"><tr>' +
    `<td class="button" bgcolor="#1f4f8f" style="border-radius:6px;background:#1f4f8f;mso-padding-alt:14px 28px">` +
    `<a href="${escapeHtml(url)}" style="${buttonStyle}">${escapeHtml(label)}</a></td></tr></table>`
  );
}

/** What a list of mails shows beside the subject, instead of the greeting: the first sentence, and of what. */
function previewOf(before: Letter["before"]): string {
  return before
    .slice(0, 2)
    .map((block) => (typeof block === "string" ? block : block.strong))
    .join(" ");
}

/** No line begins with a sign that French parts from its word, and none ends with «. */
function typeset(text: string, language: Language): string {
  return language === "fr" ? text.replace(/ (?=[:;!?»])|(?<=«) /g, "\u00a0") : text;
}

const cardStyle =
  "max-width:560px;table-layout:fixed;overflow-wrap:anywhere;word-break:break-word;background:#ffffff;border-radius:8px;" +
  "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5;color:#1b2430";
const strongStyle = "font-weight:bold;font-size:18px";
const quietStyle = "font-size:14px;color:#4a5565";
const signatureStyle = "margin-top:24px;font-size:14px;color:#4a5565";
const buttonStyle =
  "display:inline-block;padding:14px 28px;color:#ffffff;font-weight:bold;text-decoration:none";
const unseenStyle =
  "display:none;max-height:0;overflow:hidden;mso-hide:all;font-size:1px;line-height:1px;color:#f3f5f8";
const darkStyle =
  ":root{color-scheme:light dark}@media (prefers-color-scheme:dark){" +
  ".page{background:#12161c!important}.card{background:#1e252f!important;color:#e8ecf2!important}" +
  ".quiet{color:#b3bdca!important}.button{background:#2f6cbf!important}}";
