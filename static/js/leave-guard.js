// @ts-check
/**
 * Asks before something is lost: a half-typed form when #main goes elsewhere, a call when the
 * whole page goes. A form of #main that holds something unsaved has data-dirty; other files ask for
 * it. softphone-line.js sets data-call="up" on <body>. Also asks every hx-confirm.
 *
 * It asks with the page's own dialog; its words are the <template>s of _client_words.html. It is not
 * modal, because a call that rings meanwhile must be answered all the same.
 */
import { isForMain, onHtmx } from "./requests.js";

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

document.getElementById("ask")?.addEventListener("keydown", (event) => {
  if (event.key === "Escape") /** @type {HTMLDialogElement} */ (event.currentTarget).close("no");
});

/**
 * Whether the agent says yes. `words` is the id of a template, `text` replaces what it says.
 * A second question while one is open counts as "no".
 * @param {string} words
 * @param {string} [text]
 * @returns {Promise<boolean>}
 */
function ask(words, text) {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("ask"));
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById(words));
  if (dialog.open) return Promise.resolve(false);
  fill("ask-title", template.dataset.title);
  fill("ask-text", text ?? template.content.textContent);
  fill("ask-yes", template.dataset.yes);
  dialog.returnValue = "no";
  dialog.show();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

/**
 * @param {string} id
 * @param {string | null | undefined} text
 */
function fill(id, text) {
  const place = document.getElementById(id);
  if (place) place.textContent = text ?? "";
}

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
