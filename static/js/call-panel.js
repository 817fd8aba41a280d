// @ts-check
/**
 * The call panel: a card for each call, drawn by the CRM. The softphone's messages are recorded
 * there, and the answer is the card as it stands now. A ring is looked up first and recorded
 * beside it, so that the card never waits for the writing. What changes here is told to the agent's
 * other tabs, of which only one has the softphone.
 */
import { isWrittenIn } from "./call-notes.js";
import { onHtmx } from "./htmx-events.js";
import { openQuietly } from "./quiet-open.js";
import { leftByThePageBefore, post } from "./outbox.js";
import { onServersClock } from "./servers-clock.js";

const TAKEN_WITHIN_MS = 10_000;
const UP = ":is(.is-ringing, .is-dialling, .is-talking, .is-held)";
/** Messages after which the lists of calls in #main are no longer right. */
const CHANGE_LISTS = new Set(["IncomingCall", "Dial", "Talking", "Hangup"]);

/** How often the phone system is asked about a call that no softphone here has spoken of. */
const ASK_EVERY_MS = 10_000;

/** @type {Set<string>} calls that the softphone has spoken of, here or in another tab */
const seen = new Set();
/** @type {Map<string, number>} how often each call's card was drawn here */
const drawn = new Map();

const otherTabs = new BroadcastChannel("call-panel");
otherTabs.addEventListener("message", ({ data }) => {
  if (data.heard) seen.add(data.call);
  void fetchCard(`/call-panel/${data.call}`).then((html) => show(data.call, html));
});

document.addEventListener("softphone:message", (event) => {
  const { call, type, number, activecallkey, at } = /** @type {CustomEvent} */ (event).detail;
  seen.add(call);
  if (type === "IncomingCall") void pop(call, number, activecallkey);
  post({
    url: `/call-panel/${call}/messages`,
    body: { type, number, activecallkey, at: onServersClock(at) },
    arrived: (html) => {
      show(call, html);
      otherTabs.postMessage({ call, heard: true });
      if (type === "Talking") askAboutOthers(call);
      if (CHANGE_LISTS.has(type)) document.body.dispatchEvent(new CustomEvent("calls-changed"));
    },
  });
});

for (const { url, body } of leftByThePageBefore()) {
  const call = url.split("/")[2] ?? "";
  post({ url, body, arrived: (html) => show(call, html) });
}

// The caller has become a contact, is called something else, or is none any more.
document.addEventListener("contacts-changed", () => redraw(""));

// A tab that nobody looked at may have been asleep.
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) redraw(UP);
});

// Cards of a page that was loaded anew: the end of their calls may have been missed, or may come
// without a word, because the softphone was loaded anew with the page.
askAboutOthers();
setInterval(() => {
  if (document.hidden) return;
  redraw(UP, "/check", (card) => !seen.has(card.dataset.cid ?? ""));
}, ASK_EVERY_MS);

onHtmx("htmx:after:request", ({ request, response }) => {
  const [, call] = /^\/call-panel\/([^/]+)\//.exec(new URL(request.action, location.href).pathname) ?? [];
  if (call && request.method === "POST" && response?.status === 200) otherTabs.postMessage({ call });
});

// A missed call's card may turn out to be a colleague's call, but not while its agent writes in it.
onHtmx("htmx:before:request", ({ sourceElement }, event) => {
  if (!sourceElement.id.endsWith("-ring")) return;
  const card = sourceElement.closest(".call-card");
  const note = card?.querySelector("textarea");
  if (note && (note.value || card?.contains(document.activeElement))) event.preventDefault();
});

// The CRM has dialled (see dial.js): the card says so until the softphone takes the call.
document.addEventListener("dialled", (event) => {
  const { call } = /** @type {CustomEvent} */ (event).detail;
  void fetchCard(`/call-panel/${call}`).then((html) => show(call, html));
  setTimeout(() => {
    if (seen.has(call)) return;
    document.dispatchEvent(new CustomEvent("dial-not-taken", { detail: { call } }));
    post({
      url: `/call-panel/${call}/not-taken`,
      body: {},
      arrived: (html) => show(call, html),
    });
  }, TAKEN_WITHIN_MS);
});

/**
 * @param {string} call
 * @param {string} number
 * @param {string} activecallkey
 */
async function pop(call, number, activecallkey) {
  const query = new URLSearchParams({ call, number, activecallkey });
  const html = await fetchCard(`/screen-pop?${query}`);
  // The recorded message may have been quicker: then its card stands, and knows more.
  if (!document.getElementById(`call-${call}`)) show(call, html);
  openQuietly(articleOf(html ?? "")?.dataset.opens);
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
  const cards = document.querySelectorAll(`#call-panel > .call-card${which}`);
  for (const card of [...cards].filter(also)) {
    const { cid = "" } = card.dataset;
    const before = drawn.get(cid);
    void fetchCard(`/call-panel/${cid}${question}`).then((html) => {
      // Meanwhile the agent may be done with it, or a message have brought a newer one.
      if (card.isConnected && drawn.get(cid) === before) show(cid, html);
    });
  }
}

/**
 * @param {string} url
 * @returns {Promise<string | null>} "" for a card that is not in the panel any more
 */
async function fetchCard(url) {
  try {
    const answer = await fetch(url, {
      headers: { "HX-Request": "true", "HX-Target": "call-panel" },
    });
    return answer.ok ? await answer.text() : null;
  } catch {
    return null; // the recorded message brings the card, later
  }
}

/**
 * @param {string} call
 * @param {string | null} html
 */
function show(call, html) {
  const panel = document.getElementById("call-panel");
  if (html === null || !panel) return;
  const card = document.getElementById(`call-${call}`) ?? sameCall(html);
  if (!html.trim()) {
    if (card && !isWrittenIn(card)) card.remove();
    return;
  }
  // The card keeps its id, so that nobody types in a field that another one takes the place of.
  const cid = card?.dataset.cid ?? call;
  const text = html.replaceAll(call, cid);
  if (seen.has(call)) seen.add(cid);
  drawn.set(cid, (drawn.get(cid) ?? 0) + 1);
  const target = card ?? panel;
  const swap = card ? "outerMorph" : "afterbegin";
  const before = sentenceOf(card);
  window.htmx.swap({ text, target, swap, sourceElement: target });
  announce(cid, before);
}

/**
 * The card that the same call has under another id: from before the page was loaded anew.
 * @param {string} html
 * @returns {HTMLElement | null}
 */
function sameCall(html) {
  const row = articleOf(html)?.dataset.row;
  return row ? document.querySelector(`#call-panel > .call-card[data-row="${row}"]`) : null;
}

/**
 * @param {string} html
 * @returns {HTMLElement | null}
 */
function articleOf(html) {
  return new DOMParser().parseFromString(html, "text/html").querySelector("article");
}

/**
 * Say aloud what the card says now, unless it said the same before.
 * @param {string} call
 * @param {string} before
 */
function announce(call, before) {
  const place = document.getElementById("call-announcement");
  const sentence = sentenceOf(document.getElementById(`call-${call}`));
  if (place && sentence !== before) place.textContent = sentence;
}

/** @param {Element | null} card */
function sentenceOf(card) {
  const words = [".state", ".call-name"].map((part) => card?.querySelector(part)?.textContent);
  return words.map((word) => word?.trim()).join(": ");
}
