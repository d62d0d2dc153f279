import { words } from "./words.js";

const pollMs = 1_000;
const maxPolls = 120;
const byId = (id) => document.getElementById(id);

let language = navigator.language?.startsWith("en") ? "en" : "fr";
/** Kept for this window alone: a telephone may drop the page while its SMS is read. */
const kept = `collecte${location.pathname}`;
let session = "";
let signing;
/** The digests of the bytes that were really shown, by document id. */
const shown = new Map();

class Refused extends Error {
  constructor(problem) {
    super(problem.code);
    this.problem = problem;
  }
}

async function api(path, body) {
  const response = await fetch(`/v1/signing${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      ...(session && { Authorization: `Bearer ${session}` }),
      ...(body !== undefined && { "Content-Type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (response.ok) return response;
  throw new Refused(await response.json().catch(() => ({ code: "other" })));
}

function say(id, text) {
  byId(id).textContent = text;
}

function speak() {
  const w = words[language];
  document.documentElement.lang = language;
  document.title = location.pathname === "/download" ? w.downloadTitle : w.pageTitle;
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = w[element.dataset.say];
  if (location.pathname === "/download") say("welcome-text", w.welcomeDownload);
  if (!signing) say("title", document.title);
}

function show(...ids) {
  for (const id of ["welcome", "documents", "consent", "signing", "refusing"])
    byId(id).hidden = !ids.includes(id);
}

function tell(problem) {
  const w = words[language];
  const parts = [deathOf(problem) ?? w.problems[problem.code] ?? w.problems.other];
  if (problem.triesLeft !== undefined) parts.push(w.triesLeft(problem.triesLeft));
  if (problem.retryAfterSeconds !== undefined) parts.push(w.retryAfter(problem.retryAfterSeconds));
  say("notice", "");
  say("fault", parts.join(" "));
}

/** Why a link is dead, as far as it is told. */
function deathOf({ code, why }) {
  if (code !== "link_dead" || !why) return undefined;
  const isGone = why === "ended" && location.pathname === "/download";
  return words[language].dead[isGone ? "gone" : why];
}

function when(id, event, act) {
  during(byId(id), event, act);
}

/** Runs an act of the reader with its button held down, and says what went wrong. */
function during(element, event, act) {
  element.addEventListener(event, async (happened) => {
    happened.preventDefault();
    const button = happened.submitter ?? happened.currentTarget;
    say("fault", "");
    button.disabled = true;
    try {
      await act();
    } catch (error) {
      await recover(error);
    } finally {
      button.disabled = false;
    }
  });
}

async function recover(error) {
  const problem = error instanceof Refused ? error.problem : { code: "other" };
  if (problem.code === "documents_changed") {
    await begun();
    say("notice", words[language].changed);
    return;
  }
  if (["otp_expired", "otp_used_up", "consent_needed", "session_changed"].includes(problem.code))
    askConsent();
  if (["link_dead", "collecte_ended", "session_invalid", "signatory_locked"].includes(problem.code)) {
    sessionStorage.removeItem(kept);
    show();
  }
  tell(problem);
}

async function begin() {
  const token = location.hash.slice(1);
  session = token ? "" : (sessionStorage.getItem(kept) ?? "");
  if (!token && !session) {
    say("fault", words[language].noLink);
    return;
  }
  say("notice", words[language].loading);
  if (token) {
    ({ session } = await (await api("/sessions", { token })).json());
    sessionStorage.setItem(kept, session);
    history.replaceState(null, "", location.pathname);
  }
  await begun();
}

async function begun() {
  signing = await (await api("")).json();
  language = signing.language;
  speak();
  say("firm", signing.firm.name);
  say("title", signing.title);
  say("message", signing.message);
  say("notice", "");
  if (signing.purpose === "sign" && !isTurn()) return showOutcome();
  show("documents");
  if (signing.purpose === "download") offerDocuments();
  else {
    await showDocuments();
    const { maySignFrom } = signing.signatory;
    if (signing.otp) askCode(signing.otp.expiresAt, signing.signatory.phoneEnd);
    else if (maySignFrom && Date.now() < Date.parse(maySignFrom)) awaitReflection(maySignFrom);
    else askConsent();
  }
  byId("title").focus();
}

function isTurn() {
  return signing.state === "launched" && signing.signatory.status === "invited";
}

async function showDocuments() {
  for (const link of document.querySelectorAll("#list a")) URL.revokeObjectURL(link.href);
  byId("list").replaceChildren();
  shown.clear();
  for (const [i, one] of signing.documents.entries()) {
    const response = await api(`/documents/${encodeURIComponent(one.id)}`);
    shown.set(one.id, (response.headers.get("ETag") ?? "").replaceAll('"', ""));
    byId("list").append(item(one, i + 1, URL.createObjectURL(await response.blob())));
  }
}

function item(one, number, href) {
  const link = document.createElement("a");
  link.href = href;
  link.target = "_blank";
  const entry = entryOf(one, number, link, words[language].open);
  // Telephones show a framed PDF badly or not at all; there, the link opens it.
  if (matchMedia("(min-width: 40rem)").matches) {
    const frame = document.createElement("iframe");
    frame.title = one.name ?? words[language].unnamed(number);
    frame.src = `${href}#navpanes=0&view=FitH`;
    entry.append(frame);
  }
  return entry;
}

function entryOf(one, number, control, label) {
  const w = words[language];
  const name = one.name ?? w.unnamed(number);
  const entry = document.createElement("li");
  const heading = document.createElement("strong");
  heading.textContent = name;
  control.textContent = label;
  control.setAttribute("aria-label", `${label} : ${name}`);
  // A button stands on a line of its own on a telephone: no dot leads to it.
  entry.append(heading, ` · ${w.pages(one.pages)}${control.tagName === "A" ? " · " : " "}`, control);
  return entry;
}

/** Nothing is fetched before it is asked for: what is downloaded is on the record. */
function offerDocuments() {
  byId("list").replaceChildren();
  for (const [i, one] of signing.documents.entries()) {
    const button = document.createElement("button");
    button.type = "button";
    const name = one.name ?? words[language].unnamed(i + 1);
    const file = name.toLowerCase().endsWith(".pdf") ? name : `${name}.pdf`;
    during(button, "click", () => save(`/documents/${encodeURIComponent(one.id)}`, file));
    byId("list").append(entryOf(one, i + 1, button, words[language].save));
  }
  byId("all").hidden = false;
}

/** An answer of the API becomes a file of the reader's: only fetch() can show the session. */
async function save(path, file) {
  const w = words[language];
  say("notice", w.loading);
  const response = await api(path);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = file;
  link.click();
  say("notice", "");
  // Once the browser has taken it; there is no event that tells.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** The firm leaves time to reflect: until then there is only to read, or to refuse. */
function awaitReflection(from) {
  const options = { dateStyle: "long", timeStyle: "short" };
  show("documents", "refusing");
  say("notice", words[language].maySignFrom(new Date(from).toLocaleString(language, options)));
}

function askConsent() {
  const { signatory, consentText } = signing;
  say("who", words[language].who(`${signatory.firstName} ${signatory.lastName}`, signatory.phoneEnd));
  say("consent-text", consentText);
  byId("read").checked = false;
  show("documents", "consent", "refusing");
}

async function consent() {
  const documents = signing.documents.map(({ id }) => shown.get(id));
  const { expiresAt, phoneEnd } = await (await api("/consent", { documents })).json();
  askCode(expiresAt, phoneEnd);
  say("notice", words[language].codeSent);
  byId("code").focus();
}

function askCode(expiresAt, phoneEnd) {
  const w = words[language];
  const time = new Date(expiresAt).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
  say("code-label", w.code(phoneEnd));
  say("code-hint", w.codeHint(time));
  show("documents", "signing", "refusing");
  byId("code").value = "";
}

async function sign() {
  await api("/sign", { code: byId("code").value.replaceAll(" ", "") });
  show();
  say("notice", words[language].signing);
  for (let polls = 0; polls < maxPolls; polls++) {
    await new Promise((resolve) => setTimeout(resolve, pollMs));
    signing = await (await api("")).json();
    if (signing.state !== "launched" || signing.signatory.status === "signed") break;
  }
  showOutcome();
}

async function refuse() {
  const reason = byId("reason").value.trim();
  await api("/refuse", reason ? { reason } : {});
  signing.state = "refused";
  showOutcome();
}

function showOutcome() {
  const w = words[language];
  const { state, signatory } = signing;
  show();
  if (signatory.status === "signed") say("notice", w.signed);
  else if (signatory.status === "signing") say("notice", w.signing);
  else say("notice", w[state] ?? w.waiting);
  byId("title").focus();
}

when("begin", "click", begin);
when("consent", "submit", consent);
when("signing", "submit", sign);
when("resend", "click", consent);
when("refusal", "submit", refuse);
when("all", "click", () => save("/documents.zip", `${signing.title}.zip`));
for (const [id, chosen] of [
  ["french", "fr"],
  ["english", "en"],
]) {
  byId(id).addEventListener("click", () => {
    language = chosen;
    speak();
  });
}
speak();
show("welcome");
