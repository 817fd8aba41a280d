// @ts-check
/**
 * The CRM login was lost while the page lives on: asks for it inside #main, the dock untouched,
 * and tells the others when it is back. Where #main holds something unsaved, the login stands above
 * it, and what was being sent goes on afterwards. If somebody else logs in, the page is theirs from
 * the next moment without a call on.
 */
import { setToken } from "./csrf.js";
import { fetchInto, isForMain, onHtmx } from "./htmx-events.js";
import { isOurs, parsed } from "./our-answers.js";

/** @typedef {import("./htmx-events.js").RequestContext} RequestContext */

const ABOVE = "login-above";

let asked = false;
/** @type {(() => void) | null} what the lost login has stopped */
let goOn = null;

// Something small on the page has found out.
document.addEventListener("logged-out", () => {
  if (asked) return;
  asked = true;
  const here = location.pathname + location.search;
  if (dirtyForm()) void askAbove(here);
  else fetchInto(here, { target: "#main", swap: "outerSync" });
});

onHtmx("htmx:after:request", (context, event) => {
  if (context.response?.status !== 401 || !isOurs(context.response.headers) || !dirtyForm()) return;
  goOn = () => sendAgain(context);
  if (!isForMain(context)) return; // "logged-out" comes with it
  event.preventDefault();
  asked = true;
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
  asked = false; // also when it came back by a login in another tab
  if (new URL(request.action, location.href).pathname === "/login") tellOthers();
});

/** @param {string} here */
async function askAbove(here) {
  try {
    const headers = { "HX-Request": "true", "HX-Current-URL": location.href };
    const answer = await fetch(here, { headers });
    if (answer.status === 401 && dirtyForm()) return showAbove(await answer.text(), {});
  } catch {
    // No network; whatever is asked for next finds out again.
  }
  asked = false;
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
  asked = false;
  const isSame = meta?.getAttribute("data-agent") === document.getElementById("softphone-line")?.dataset.agent;
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

function dirtyForm() {
  return document.querySelector(`#main form[data-dirty]:not(#${ABOVE} form)`);
}
