// @ts-check
/**
 * Whether the CRM is there and still knows this page's login. Every page learns of the end of its
 * login within a minute, also one that nobody looks at: an agent who was deactivated keeps no phone.
 * Mostly something else has just asked (the badge of missed calls), so this asks little.
 *
 * A login that was lost is asked for inside #main, the dock untouched, and the others are told when it
 * is back. Where #main holds something unsaved, the login stands above it, and what was being sent goes
 * on afterwards. If somebody else logs in, the page is theirs from the next moment without a call on.
 */
import { fetchInto, isForMain, isOurs, onHtmx, parsed, setToken } from "./requests.js";

/** @typedef {import("./requests.js").RequestContext} RequestContext */

const LOOK_EVERY_MS = 1000;
const HEARD_WITHIN_MS = 40_000;
const AGAIN_MS = 5000; // while the CRM does not answer, or the login is lost
const ANSWERED_WITHIN_MS = 15_000;
const ABOVE = "login-above";

const agent = line()?.dataset.agent;
/** What is asked: the line of the dock that has the softphone's state. */
const asked = line()?.getAttribute("hx-get") ?? "";
let answers = true;
let signedOut = false;
let asking = false;
let askAt = Date.now() + HEARD_WITHIN_MS;
let formAsked = false;
/** @type {(() => void) | null} what the lost login has stopped */
let goOn = null;

/** Whether the CRM can be reached, as far as is known. */
export function isThere() {
  return navigator.onLine && answers;
}

/** Whether the login of this page has ended, and no other has begun. */
export function isSignedOut() {
  return signedOut;
}

document.addEventListener("logged-out", loseLogin);
document.addEventListener("logged-in", takeLogin);
onHtmx("htmx:after:request", ({ response }) => {
  if (!response) return;
  if (!isOurs(response.headers)) return askSoon();
  heard(response.status, response.headers);
  if (response.status === 401) loseLogin();
});
onHtmx("htmx:error", askSoon);
window.addEventListener("online", askSoon);
// Somebody has logged out or in, in another tab.
new BroadcastChannel("logins").addEventListener("message", ({ data }) => {
  if (data === "") askAt = 0;
  else if (data !== agent) document.body.dispatchEvent(new CustomEvent("softphone-renewed"));
});
// A laptop that has slept, a tab that was put to sleep: their timers are late.
document.addEventListener("visibilitychange", look);
setInterval(look, LOOK_EVERY_MS);

// Something small on the page has found out.
document.addEventListener("logged-out", () => {
  if (formAsked) return;
  formAsked = true;
  const here = location.pathname + location.search;
  if (dirtyForm()) void askAbove(here);
  else fetchInto(here, { target: "#main", swap: "outerSync" });
});

onHtmx("htmx:after:request", (context, event) => {
  if (context.response?.status !== 401 || !isOurs(context.response.headers) || !dirtyForm()) return;
  goOn = () => sendAgain(context);
  if (!isForMain(context)) return; // "logged-out" comes with it
  event.preventDefault();
  formAsked = true;
  showAbove(context.text ?? "", { focus: true });
});

onHtmx("htmx:after:request", (context, event) => {
  const login = document.getElementById(ABOVE);
  if (!login?.contains(context.sourceElement) || !context.response) return;
  if (!isOurs(context.response.headers)) return; // failed-requests.js tells it
  if (context.response.status < 400) back(login, context.text ?? "");
  else if (context.hx?.retarget !== "#main") showAbove(context.text ?? "", { focus: true });
  event.preventDefault();
});

onHtmx("htmx:after:swap", ({ request, response }) => {
  if (!request || !response || response.status >= 400) return;
  formAsked = false; // also when it came back by a login in another tab
  const login = document.getElementById("login-again")?.dataset.login;
  if (new URL(request.action, location.href).pathname === login) tellOthers();
});

function askSoon() {
  askAt = Math.min(askAt, Date.now() + LOOK_EVERY_MS);
}

function look() {
  if (navigator.onLine && !asking && Date.now() >= askAt) void ask();
}

async function ask() {
  asking = true;
  askAt = Date.now() + AGAIN_MS;
  try {
    const answer = await fetch(asked, {
      headers: { "HX-Request": "true", "HX-Target": "softphone-line" },
      signal: AbortSignal.timeout(ANSWERED_WITHIN_MS),
    });
    answers = isOurs(answer.headers);
    if (answers) heard(answer.status, answer.headers);
    if (answers && answer.status === 401) document.dispatchEvent(new CustomEvent("logged-out"));
  } catch {
    answers = false;
  }
  asking = false;
}

function loseLogin() {
  signedOut = true;
  askAt = Date.now() + AGAIN_MS;
}

/**
 * @param {number} status of an answer of the CRM's own
 * @param {Headers} headers
 */
function heard(status, headers) {
  answers = true;
  if (headers.get("X-Softphone") === "elsewhere") document.dispatchEvent(new CustomEvent("softphone-taken"));
  if (status >= 400) return;
  askAt = Date.now() + HEARD_WITHIN_MS;
  takeLogin();
}

/** It may have come back in another tab as well: then the phone comes back here. */
function takeLogin() {
  if (!signedOut) return;
  signedOut = false;
  document.body.dispatchEvent(new CustomEvent("softphone-renewed"));
}

/** @param {string} here */
async function askAbove(here) {
  try {
    const headers = { "HX-Request": "true", "HX-Current-URL": location.href };
    const answer = await fetch(here, { headers });
    if (answer.status === 401 && dirtyForm()) return showAbove(await answer.text(), {});
  } catch {
    // No network; whatever is asked for next finds out again.
  }
  formAsked = false;
}

/**
 * @param {string} html  the page with the login form
 * @param {{focus?: boolean}} how  focus: the agent has pressed something and waits for it
 */
function showAbove(html, { focus }) {
  const page = parsed(html);
  const form = page.querySelector(".login");
  const main = document.getElementById("main");
  if (!form || !main) return;
  for (const one of form.querySelectorAll("form")) {
    one.setAttribute("hx-target", `#${ABOVE}`);
    one.setAttribute("hx-swap", "none");
  }
  setToken(page.querySelector("meta[name=csrf-token]")?.getAttribute("content"));
  const words = /** @type {HTMLTemplateElement} */ (document.getElementById("login-again"));
  const login = document.createElement("section");
  login.id = ABOVE;
  login.append(words.content.cloneNode(true), form);
  main.querySelector("[data-failed]")?.remove();
  document.getElementById(ABOVE)?.remove();
  main.prepend(login);
  window.htmx.process(login);
  if (!focus) return;
  login.scrollIntoView({ block: "nearest" });
  /** @type {HTMLElement | null} */ (login.querySelector("[aria-invalid=true], input:not([type=hidden])"))?.focus();
}

/**
 * @param {Element} login
 * @param {string} html  the page that the login led to; it is not shown
 */
function back(login, html) {
  const meta = parsed(html).querySelector("meta[name=csrf-token]");
  setToken(meta?.getAttribute("content"));
  login.remove();
  formAsked = false;
  const isSame = meta?.getAttribute("data-agent") === line()?.dataset.agent;
  const next = goOn;
  goOn = null;
  tellOthers();
  if (isSame) next?.();
}

function tellOthers() {
  document.dispatchEvent(new CustomEvent("logged-in"));
  document.body.dispatchEvent(new CustomEvent("softphone-renewed"));
}

/**
 * A form of the page is sent as it stands now; a page that was asked for is asked for again.
 * Anything else, a dial above all, waits for the agent's own click.
 * @param {RequestContext} context
 */
function sendAgain(context) {
  const { request, sourceElement } = context;
  const form = sourceElement.closest("form");
  if (form?.isConnected && form.matches("#main [data-dirty]")) form.requestSubmit();
  else if (request.method === "GET" && isForMain(context)) {
    fetchInto(request.action, { target: "#main", swap: "outerSync", push: "true" });
  }
}

function line() {
  return document.getElementById("softphone-line");
}

function dirtyForm() {
  return document.querySelector(`#main form[data-dirty]:not(#${ABOVE} form)`);
}
