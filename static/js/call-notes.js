// @ts-check
/**
 * The note, the outcome and the day of a follow-up are saved while they are made: when the typing
 * rests, every few seconds while it does not, and when the page goes away. Only what the agent has
 * changed is sent, and nothing that happens to the call takes away what is being typed.
 */
import { onHtmx, token } from "./requests.js";

const RESTS_MS = 800;
const AT_LEAST_EVERY_MS = 3000;
const FORM = "form.call-work";
const FIRST_YEAR = 2000;

/**
 * @typedef {object} Draft
 * @property {string} id  names the field to the CRM, so that of its texts the newest counts
 * @property {number} revision  grows with each text that is sent
 * @property {string} [typed]  what the agent has typed and is not known to be saved
 * @property {string} [outcome]  the choice that is not known to be saved
 * @property {number} [rest]  timers
 * @property {number} [latest]
 */

/** @type {WeakMap<Element, Draft>} */
const drafts = new WeakMap();

document.addEventListener("input", ({ target }) => {
  if (!(target instanceof HTMLTextAreaElement) || !target.matches(`${FORM} [data-note]`)) return;
  const form = /** @type {HTMLFormElement} */ (target.form);
  const draft = draftOf(form);
  draft.typed = target.value;
  form.querySelector(".call-saved:not(:has([data-not-saved]))")?.replaceChildren();
  target.setAttribute("hx-morph-skip", ""); // from now on the field is the agent's own
  clearTimeout(draft.rest);
  draft.rest = setTimeout(() => save(form), RESTS_MS);
  draft.latest ??= setTimeout(() => save(form), AT_LEAST_EVERY_MS);
});

// Before htmx, which sends the form for this.
document.addEventListener("change", ({ target }) => {
  if (!(target instanceof HTMLInputElement) || !target.matches(`${FORM} [name=outcome]`)) return;
  draftOf(/** @type {HTMLFormElement} */ (target.form)).outcome = target.value;
}, { capture: true });

// The day of a follow-up is saved when it is chosen. Whoever types a year passes the years 2, 20 and 202
// on the way, and each of them is a change.
document.addEventListener("change", (event) => {
  const field = event.target;
  if (!(field instanceof HTMLInputElement) || !field.matches("input[type=date][data-due]")) return;
  if (field.value && Number(field.value.slice(0, field.value.indexOf("-"))) < FIRST_YEAR) event.stopPropagation();
}, { capture: true });

// A day that was set in a card changes what is due; only the card's own answer tells.
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = /** @type {CustomEvent} */ (event).detail;
  const body = ctx?.request?.body;
  if (!(body instanceof FormData) || !body.has("follow_shown") || ctx.response?.status !== 200) return;
  document.body.dispatchEvent(new CustomEvent("follow-ups-changed"));
});

onHtmx("htmx:config:request", ({ sourceElement, request }) => {
  const form = sourceElement.closest(FORM);
  if (!form || request.method === "GET") return;
  for (const name of ["note", "outcome"]) request.body.delete(name);
  for (const [name, value] of changed(form)) request.body.set(name, value);
  stopTimers(form);
});

onHtmx("htmx:after:request", ({ sourceElement, request, response }) => {
  const form = sourceElement.closest(FORM);
  if (form && response?.status === 200) saved(form, request.body);
});

// A "Done" that did not arrive leaves the form here, and its note unsaved.
onHtmx("htmx:finally:request", ({ sourceElement }) => {
  const form = sourceElement.closest(FORM);
  if (!form?.isConnected || !sourceElement.matches("[data-done]") || !isUnsaved(form)) return;
  draftOf(form).latest ??= setTimeout(() => save(/** @type {HTMLFormElement} */ (form)), AT_LEAST_EVERY_MS);
});

// No answer takes away a card in which the agent writes, but the one to its own "Done".
onHtmx("htmx:before:swap", ({ sourceElement }, event) => {
  for (const { target, fragment } of event.detail.tasks) {
    const isCard = target instanceof Element && target.matches(".call-card");
    if (!isCard || !isWrittenIn(target) || sourceElement.matches("[data-done]")) continue;
    if (fragment.querySelector(".call-card")) {
      keepForm(target, fragment);
    } else {
      event.preventDefault();
      for (const asks of target.querySelectorAll(":scope > [hidden][hx-get]")) asks.remove();
    }
  }
});

// Another window may have chosen another outcome; a radio button that was clicked keeps its own.
onHtmx("htmx:after:swap", () => {
  for (const radio of document.querySelectorAll(`${FORM} [name=outcome]`)) {
    const { form, defaultChecked } = /** @type {HTMLInputElement} */ (radio);
    const isChosen = form && drafts.get(form)?.outcome !== undefined;
    if (!isChosen) /** @type {HTMLInputElement} */ (radio).checked = defaultChecked;
  }
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) sendAll();
});
window.addEventListener("pagehide", sendAll);

/**
 * Whether an agent has typed in a card's note: then only its own "Done" may take it away.
 * @param {Element} card
 */
export function isWrittenIn(card) {
  return card.querySelector("[data-note][hx-morph-skip]") !== null;
}

/** @param {Element} form */
function isUnsaved(form) {
  const draft = drafts.get(form);
  return draft?.typed !== undefined || draft?.outcome !== undefined;
}

/** @param {HTMLFormElement} form */
function save(form) {
  stopTimers(form);
  if (form.isConnected) form.requestSubmit();
}

/** Outlives the page; nobody waits for the answer. What is still here afterwards is saved as ever. */
function sendAll() {
  for (const form of document.querySelectorAll(FORM)) {
    const url = form.getAttribute("hx-post");
    if (!url || !isUnsaved(form)) continue;
    const body = new FormData();
    for (const [name, value] of changed(form)) body.set(name, value);
    const headers = { "HX-Request": "true", "X-CSRFToken": token() };
    void fetch(url, { method: "POST", body, headers, keepalive: true }).catch(() => undefined);
  }
}

/**
 * What the agent has changed in a form, as the CRM takes it.
 * @param {Element} form
 * @returns {[string, string][]}
 */
function changed(form) {
  const draft = drafts.get(form);
  /** @type {[string, string][]} */
  const fields = [];
  if (draft?.typed !== undefined) {
    const shown = form.querySelector("[data-note]")?.getAttribute("data-shown") ?? "";
    draft.revision += 1;
    fields.push(["note", draft.typed], ["shown", shown], ["draft", draft.id]);
    fields.push(["revision", String(draft.revision)]);
  }
  if (draft?.outcome !== undefined) fields.push(["outcome", draft.outcome]);
  return fields;
}

/**
 * What was sent has arrived; what was typed since has not.
 * @param {Element} form
 * @param {FormData} body
 */
function saved(form, body) {
  const draft = drafts.get(form);
  if (!draft) return;
  if (draft.typed === body.get("note")) delete draft.typed;
  if (draft.outcome === body.get("outcome")) delete draft.outcome;
}

/** @param {Element} form */
function stopTimers(form) {
  const draft = drafts.get(form);
  clearTimeout(draft?.rest);
  clearTimeout(draft?.latest);
  if (draft) draft.latest = undefined;
}

/** @param {Element} form */
function draftOf(form) {
  const known = drafts.get(form);
  if (known) return known;
  /** @type {Draft} */
  const draft = { id: crypto.randomUUID(), revision: 0 };
  drafts.set(form, draft);
  return draft;
}

/**
 * A call that rings again is drawn without a note to fill in; the one that is there stays. The
 * morph leaves the field itself as it is.
 * @param {Element} card
 * @param {DocumentFragment} next
 */
function keepForm(card, next) {
  const form = card.querySelector(FORM);
  if (!form || next.querySelector(FORM)) return;
  const copy = /** @type {Element} */ (form.cloneNode(true));
  copy.querySelector("[data-done]")?.remove();
  next.querySelector(".call-card")?.append(copy);
}
