// @ts-check
/**
 * Keeps the cards of the call panel current when no message of the softphone here does: what the
 * agent's other tabs have heard, what was missed in sleep or a reload, what only the phone system
 * knows. And draws the card of a dial. The ring itself is in call-panel.js.
 */
import { callIn, cards, drawn, fetchCard, show, spokenOf } from "./call-panel.js";
import { post } from "./outbox.js";
import { onHtmx } from "./requests.js";

const UP = ":is(.is-ringing, .is-dialling, .is-talking, .is-held)";
/** Messages after which the lists of calls in #main are no longer right. */
const CHANGE_LISTS = new Set(["IncomingCall", "Dial", "Talking", "Hangup"]);

/** How often the phone system is asked about a call that no softphone here has spoken of. */
const ASK_EVERY_MS = 10_000;
const TAKEN_WITHIN_MS = 10_000;

/** @type {Map<string, string>} the last card of each call that came too late */
const overtaken = new Map();

// Of the agent's tabs one has the softphone; the others draw what it hears.
const otherTabs = new BroadcastChannel("call-panel");
otherTabs.addEventListener("message", ({ data }) => {
  if (data.heard) spokenOf.add(data.call);
  void fetchCard(`${cards}${data.call}`).then((html) => show(data.call, html));
});

document.addEventListener("call-recorded", (event) => {
  const { call, type } = /** @type {CustomEvent} */ (event).detail;
  otherTabs.postMessage({ call, heard: true });
  if (type === "Talking") askAboutOthers(call);
  if (CHANGE_LISTS.has(type)) document.body.dispatchEvent(new CustomEvent("calls-changed"));
});

// What is done with a card here is drawn in the other tabs too.
onHtmx("htmx:after:request", ({ request, response }) => {
  const call = callIn(request.action);
  if (call && request.method === "POST" && response?.status === 200) otherTabs.postMessage({ call });
});

// The caller has become a contact, is called something else, or is none any more.
document.addEventListener("contacts-changed", () => redraw(""));
document.addEventListener("language-changed", () => redraw(""));

// A tab that nobody looked at may have been asleep.
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) redraw(UP);
});

// Cards of a page that was loaded anew: the end of their calls may have been missed, or may come
// without a word, because the softphone was loaded anew with the page.
askAboutOthers();
setInterval(() => {
  if (document.hidden) return;
  redraw(UP, "/check", (card) => !spokenOf.has(card.dataset.cid ?? ""));
}, ASK_EVERY_MS);

// A missed call's card may turn out to be a colleague's call, but not while its agent writes in it.
onHtmx("htmx:before:request", ({ sourceElement }, event) => {
  if (!sourceElement.id.endsWith("-ring")) return;
  const card = sourceElement.closest(".call-card");
  const note = card?.querySelector("textarea");
  if (note && (note.value || card?.contains(document.activeElement))) event.preventDefault();
});

// Answers overtake each other: a note that was being saved when the call ended may be answered last, with
// the card of before. That card is not shown, and the one of now is fetched. If the CRM says the same twice,
// it is right.
onHtmx("htmx:before:swap", (_context, event) => {
  for (const { target, fragment } of event.detail.tasks) {
    const next = fragment.querySelector(".call-card");
    if (!(target instanceof HTMLElement) || !target.matches(".call-card") || !next) continue;
    const cid = target.dataset.cid ?? "";
    const said = `${stateOf(next)} ${sinceOf(next)}`;
    if (stateOf(next) === stateOf(target) || !(sinceOf(next) < sinceOf(target)) || overtaken.get(cid) === said) {
      continue;
    }
    overtaken.set(cid, said);
    event.preventDefault();
    void fetchCard(`${cards}${cid}`).then((html) => show(cid, html));
  }
});

/** @param {Element} card */
function stateOf(card) {
  return [...card.classList].find((name) => /^is-(?!missed)/.test(name));
}

/** @param {Element} card when its state began; NaN when it does not say */
function sinceOf(card) {
  return Date.parse(card.querySelector(".call-timer")?.getAttribute("datetime") ?? "");
}

// The CRM has dialled (dial.js): the card says so until the softphone takes the call. If no answer came
// (failed-requests.js), it may have dialled, and the card says what is known.
document.addEventListener("dialled", awaitDial);
document.addEventListener("dial-unanswered", awaitDial);

/** @param {Event} event */
function awaitDial(event) {
  const { call } = /** @type {CustomEvent} */ (event).detail;
  void fetchCard(`${cards}${call}`).then((html) => show(call, html));
  setTimeout(() => {
    if (spokenOf.has(call)) return;
    document.dispatchEvent(new CustomEvent("dial-not-taken", { detail: { call } }));
    post({
      url: `${cards}${call}/not-taken`,
      body: {},
      arrived: (html) => show(call, html),
    });
  }, TAKEN_WITHIN_MS);
}

/**
 * Ask the phone system how the other calls stand. `Accept` and `Talking` name no call, so of two
 * that rang the wrong one may have been taken for answered; and an answered call puts another one
 * on hold without a word.
 * @param {string} [call]
 */
function askAboutOthers(call) {
  redraw(`${UP}:not(#call-${call})`, "/check");
}

/**
 * @param {string} which cards, a part of a selector
 * @param {string} [question] "/check": the phone system is asked first
 * @param {(card: HTMLElement) => boolean} [also] which of them
 */
function redraw(which, question = "", also = () => true) {
  /** @type {NodeListOf<HTMLElement>} */
  const found = document.querySelectorAll(`#call-panel > .call-card${which}`);
  for (const card of [...found].filter(also)) {
    const { cid = "" } = card.dataset;
    const before = drawn.get(cid);
    void fetchCard(`${cards}${cid}${question}`).then((html) => {
      // Meanwhile the agent may be done with it, or a message have brought a newer one.
      if (card.isConnected && drawn.get(cid) === before) show(cid, html);
    });
  }
}
