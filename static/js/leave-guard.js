// @ts-check
/**
 * Asks before something is lost: a half-typed form when #main goes elsewhere, a call when the
 * whole page goes. A form of #main that holds something unsaved has data-dirty; other files ask for
 * it. softphone-line.js sets data-call="up" on <body>. Also answers every hx-confirm.
 */
import { ask } from "./ask.js";
import { isForMain, onHtmx } from "./htmx-events.js";

let leaving = false;
let address = location.href;

document.addEventListener("input", ({ target }) => {
  const form = target instanceof Element ? target.closest("#main form") : null;
  if (form instanceof HTMLFormElement && form.method === "post") form.dataset.dirty = "";
});

// A plain form that is being sent, as the login is, loses nothing by the page load that follows.
document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented) /** @type {Element} */ (event.target).removeAttribute("data-dirty");
});

// A saved form that stays on the page is clean again.
onHtmx("htmx:after:swap", ({ sourceElement, response }) => {
  if (response && response.status < 400) sourceElement.closest("form")?.removeAttribute("data-dirty");
});

onHtmx("htmx:config:request", (context) => {
  const isElsewhere = isForMain(context) && context.request.method === "GET";
  if (isElsewhere && hasDirtyForm()) context.confirm = "dirty";
});

onHtmx("htmx:confirm", async (context, event) => {
  event.preventDefault();
  const { issueRequest, dropRequest } = event.detail;
  const dirty = context.confirm === "dirty";
  const yes = await (dirty ? ask("ask-dirty") : ask("ask-any", context.confirm));
  if (yes) return issueRequest();
  dropRequest();
  if (dirty) returnToAddress();
});

window.addEventListener("beforeunload", (event) => {
  if (!leaving && (isOnCall() || hasDirtyForm() || hasUnsavedNote())) event.preventDefault();
});

document.addEventListener("submit", async (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (!form.matches("[data-ask-in-call]") || !(isOnCall() || isOnCallElsewhere())) return;
  event.preventDefault();
  leaving = await ask(isOnCall() ? "ask-call" : "ask-call-elsewhere");
  if (leaving) form.submit();
});

onHtmx("htmx:after:swap", () => {
  address = location.href;
});

// A page that comes after a log-out or a log-in: the other tabs hear whose it is (still-there.js).
new BroadcastChannel("logins").postMessage(document.getElementById("csrf-token")?.dataset.agent);

/** Back has changed the address before it asked; the form that stays gets its own again. */
function returnToAddress() {
  if (location.href !== address) history.pushState({ htmx: true }, "", address);
}

function hasDirtyForm() {
  return document.querySelector("#main form[data-dirty]") !== null;
}

/** A note that could not be saved; others are sent while the page goes (see call-notes.js). */
function hasUnsavedNote() {
  return document.querySelector("[data-not-saved]") !== null;
}

/** The softphone is in another tab, or the page was loaded anew in mid-call. */
function isOnCallElsewhere() {
  return document.querySelector("#call-panel > .call-card:is(.is-talking, .is-held)") !== null;
}

function isOnCall() {
  return document.body.dataset.call === "up";
}
