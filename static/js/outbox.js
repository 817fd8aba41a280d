// @ts-check
/**
 * Sends what the softphone said to the CRM: one message after the other, each until it has
 * arrived. No network, a restart of the CRM and a lost login delay a message; they lose none. A page
 * that goes away sends at once what still waits for its turn (the CRM bears any order), and leaves
 * to the next page of this tab what it does not know to have arrived (the CRM bears repeats).
 * A card is shown before its ring is sent and recorded; a click in it is sent after the ring.
 *
 * Desk clocks are wrong by minutes, and what the softphone says is put in order with what the server
 * saw. The difference is measured once, when the page comes: were it measured again with each message,
 * two of them could change places.
 */
import { isOurs, mayBeTakenLater, onHtmx, takeToken, token } from "./requests.js";

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
const ANSWERED_WITHIN_MS = 30_000;
const LETS_GO_FIRST_MS = 200;
const KEPT = "outbox";
// The page was on its way for a while, so that only a difference that would be noticed counts.
const NOTICED_MS = 3000;

const ahead = difference();
const agent = document.getElementById("softphone-line")?.dataset.agent;

/**
 * @typedef {object} Letter
 * @property {string} url
 * @property {Record<string, string>} body
 * @property {(html: string) => void} arrived
 * @property {Promise<void>} [after]  what it lets go first, though not for long
 */

/** @type {Letter[]} */
const letters = [];
let sending = false;
/** @type {Letter | null} */
let onItsWay = null;
/** @type {(() => void) | null} */
let wake = null;

document.addEventListener("logged-in", () => wake?.());
window.addEventListener("online", () => wake?.());
window.addEventListener("pagehide", () => {
  for (const letter of letters) if (letter !== onItsWay) void send(letter);
  const kept = { agent, letters: letters.map(({ url, body }) => ({ url, body })) };
  sessionStorage.setItem(KEPT, JSON.stringify(kept));
});

onHtmx("htmx:before:request", (context) => {
  const card = /** @type {HTMLElement | null} */ (context.sourceElement.closest(".call-card"));
  if (!card || card.dataset.row) return;
  const ring = letters.find(({ url }) => url.endsWith(`/${card.dataset.cid}/messages`));
  if (!ring) return;
  context.fetch = (url, options) => new Promise((resolve, reject) => {
    options?.signal?.addEventListener("abort", () => reject(options.signal?.reason));
    const { arrived } = ring;
    ring.arrived = (html) => {
      arrived(html);
      resolve(fetch(url, options));
    };
  });
});

/** @param {Letter} letter */
export function post(letter) {
  letters.push(letter);
  if (!sending) void sendAll();
}

/**
 * What the page before in this tab may not have sent, if it was the same agent's.
 * @returns {{url: string, body: Record<string, string>}[]}
 */
export function leftByThePageBefore() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  sessionStorage.removeItem(KEPT);
  return kept?.agent === agent ? kept.letters : [];
}

async function sendAll() {
  sending = true;
  let pause = FIRST_PAUSE_MS;
  while (letters[0]) {
    await Promise.race([letters[0].after, new Promise((done) => setTimeout(done, LETS_GO_FIRST_MS))]);
    onItsWay = letters[0];
    const html = await send(onItsWay);
    onItsWay = null;
    if (html === null) {
      await sleepUntilWoken(pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    } else {
      letters.shift()?.arrived(html);
      pause = FIRST_PAUSE_MS;
    }
  }
  sending = false;
}

/**
 * @param {Letter} letter
 * @returns {Promise<string | null>} the answer, or null when it must be sent again
 */
async function send({ url, body }) {
  try {
    const answer = await fetch(url, {
      method: "POST",
      body: new URLSearchParams({ ...body, sent: onServersClock(new Date().toISOString()) }),
      headers: { "HX-Request": "true", "HX-Target": "call-panel", "X-CSRFToken": token() },
      keepalive: true,
      signal: AbortSignal.timeout(ANSWERED_WITHIN_MS),
    });
    if (answer.ok) return await answer.text();
    if (!isOurs(answer.headers)) return null;
    if (answer.status === 401) document.dispatchEvent(new CustomEvent("logged-out"));
    if (answer.status === 400) takeToken(answer.headers);
    if (mayBeTakenLater(answer.status)) return null;
    return ""; // the CRM will never take this one, so it must not hold up the next
  } catch {
    return null;
  }
}

/** @param {number} ms */
function sleepUntilWoken(ms) {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    wake = done;
    function done() {
      clearTimeout(timer);
      wake = null;
      resolve(undefined);
    }
  });
}

/**
 * @param {string} at ISO 8601 by this machine's clock
 * @returns {string} the same moment by the server's
 */
export function onServersClock(at) {
  return new Date(Date.parse(at) + ahead).toISOString();
}

/** How far the server's clock is ahead of this machine's, in milliseconds. */
function difference() {
  const told = Date.parse(document.getElementById("dock")?.dataset.now ?? "");
  const [page] = performance.getEntriesByType("navigation");
  const { responseStart } = /** @type {PerformanceNavigationTiming} */ (page);
  const found = told - (performance.timeOrigin + responseStart);
  return Math.abs(found) > NOTICED_MS ? found : 0;
}
