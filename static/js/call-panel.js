// @ts-check
/**
 * The call panel: a card for each call, drawn by the CRM. A ring is looked up at once, so that the
 * card never waits for the writing. Beside that each message of the softphone is recorded, and the
 * answer is the card as it stands now. call-panel-redraw.js keeps the cards current and
 * draws the one of a dial.
 */
import { isWrittenIn } from "./call-notes.js";
import { openQuietly } from "./navigation.js";
import { leftByThePageBefore, onServersClock, post } from "./outbox.js";

/** @type {Set<string>} calls that the softphone has spoken of, here or in another tab */
export const spokenOf = new Set();
/** @type {Map<string, number>} how often each call's card was drawn here */
export const drawn = new Map();
/** The address of every card, up to the call's id. */
export const cards = panel()?.dataset.cards ?? "";

document.addEventListener("softphone:message", (event) => {
  const { call, type, number, activecallkey, at } = /** @type {CustomEvent} */ (event).detail;
  spokenOf.add(call);
  const after = type === "IncomingCall" ? pop(call, number, activecallkey) : undefined;
  post({
    after, // so that the server looks up first, and writes while the card is painted
    url: `${cards}${call}/messages`,
    body: { type, number, activecallkey, at: onServersClock(at) },
    arrived: (html) => {
      show(call, html);
      document.dispatchEvent(new CustomEvent("call-recorded", { detail: { call, type } }));
    },
  });
});

/**
 * @param {string} call
 * @param {string} number
 * @param {string} activecallkey
 */
async function pop(call, number, activecallkey) {
  const query = new URLSearchParams({ call, number, activecallkey });
  const html = await fetchCard(`${panel()?.dataset.pop}?${query}`);
  // The recorded message may have been quicker: then its card stands, and knows more.
  if (!document.getElementById(`call-${call}`)) show(call, html);
  await painted();
  void openQuietly(articleOf(html ?? "")?.dataset.opens);
}

for (const { url, body } of leftByThePageBefore()) {
  const call = callIn(url);
  post({ url, body, arrived: (html) => show(call, html) });
}

/** The frame that shows what was drawn is made. In a page that nobody sees none is. */
function painted() {
  return new Promise((done) => {
    if (document.hidden) done(undefined);
    else requestAnimationFrame(() => setTimeout(done));
  });
}

/**
 * @param {string} url of something that is asked or told about a call; also a whole one
 * @returns {string} the call's id; "" for anything else
 */
export function callIn(url) {
  const { pathname } = new URL(url, location.href);
  return pathname.startsWith(cards) ? (pathname.slice(cards.length).split("/")[0] ?? "") : "";
}

/**
 * @param {string} url
 * @returns {Promise<string | null>} "" for a card that is not in the panel any more
 */
export async function fetchCard(url) {
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
 * Draw a call's card. told-of-a-ring.js says aloud what has changed.
 * @param {string} call
 * @param {string | null} html "" takes the card away, null leaves it as it is
 */
export function show(call, html) {
  const place = panel();
  if (html === null || !place) return;
  const card = document.getElementById(`call-${call}`) ?? sameCall(html);
  if (!html.trim()) {
    if (card && !isWrittenIn(card)) card.remove();
    return;
  }
  // The card keeps its id, so that nobody types in a field that another one takes the place of.
  const cid = card?.dataset.cid ?? call;
  const text = html.replaceAll(call, cid);
  if (spokenOf.has(call)) spokenOf.add(cid);
  drawn.set(cid, (drawn.get(cid) ?? 0) + 1);
  const target = card ?? place;
  const swap = card ? "outerMorph" : "afterbegin";
  window.htmx.swap({ text, target, swap, sourceElement: target });
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

function panel() {
  return document.getElementById("call-panel");
}

/**
 * @param {string} html
 * @returns {HTMLElement | null}
 */
function articleOf(html) {
  return new DOMParser().parseFromString(html, "text/html").querySelector("article");
}
