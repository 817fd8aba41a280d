// @ts-check
/**
 * Has the telephony session's key tried at Call Center Studio: when the page is loaded, every few
 * minutes, and before it runs out, so that it is renewed. Only by the tab that has the softphone, and
 * never while a call is up: the vendor ends an agent's older sessions when there are too many.
 * The answer is #softphone-line anew, which says when to ask next.
 */
import { isOurs, onHtmx, takeToken, token } from "./requests.js";
import { isSignedOut, isThere } from "./still-there.js";

const LOOK_EVERY_MS = 1000;
const TRY_EVERY_MS = 300_000;
const FIRST_PAUSE_MS = 15_000; // after no answer; each is twice as long as the one before
const OTHER_BROWSER_MS = 10_000;
const AFTER_OUTAGE_MS = 5000;
const ANSWERED_WITHIN_MS = 30_000;

/** @type {HTMLElement | null} the line that the plan was made for */
let planned = null;
let tryAt = 0;
let pause = FIRST_PAUSE_MS;
let asking = false;

document.addEventListener("softphone:here", look);
document.addEventListener("softphone:idle", look);
document.addEventListener("visibilitychange", look);
window.addEventListener("online", () => {
  tryAt = Math.min(tryAt, Date.now() + AFTER_OUTAGE_MS);
});
onHtmx("htmx:after:swap", plan);
plan();
setInterval(look, LOOK_EVERY_MS);

/** A line that has just come says when to ask. */
function plan() {
  const now = line();
  if (!now || now === planned) return;
  planned = now;
  const { answered, problem, renewIn, otherBrowser } = now.dataset;
  if (answered === "yes") {
    pause = FIRST_PAUSE_MS;
    tryAt = Date.now() + Math.min(TRY_EVERY_MS, Number(renewIn) * 1000);
  } else if (otherBrowser) {
    tryAt = Date.now() + OTHER_BROWSER_MS; // it may have been closed
  } else if (problem) {
    tryAt = problem === "passing" ? Date.now() + pause : Infinity;
    pause = Math.min(pause * 2, TRY_EVERY_MS);
  } else {
    tryAt = 0; // a key that was not tried yet, or none
  }
}

function look() {
  const phone = softphone();
  if (!phone?.mounted || phone.busy || asking || isSignedOut() || !isThere()) return;
  if (Date.now() >= tryAt) void ask();
}

async function ask() {
  asking = true;
  tryAt = Date.now() + pause;
  try {
    const answer = await fetch(line()?.dataset.check ?? "", {
      method: "POST",
      headers: { "HX-Request": "true", "HX-Target": "softphone-line", "X-CSRFToken": token() },
      signal: AbortSignal.timeout(ANSWERED_WITHIN_MS),
    });
    if (isOurs(answer.headers)) {
      if (answer.ok) show(await answer.text());
      else if (answer.status === 401) document.dispatchEvent(new CustomEvent("logged-out"));
      else if (answer.status === 400) takeNewToken(answer.headers);
    }
  } catch {
    // asked again after the pause
  }
  asking = false;
}

/**
 * A login in another tab has made the page's token old.
 * @param {Headers} headers
 */
function takeNewToken(headers) {
  const before = token();
  takeToken(headers);
  if (token() !== before) tryAt = 0;
}

/**
 * A line that says the same stays, and with it the focus; nothing is read aloud again.
 * @param {string} html
 */
function show(html) {
  const next = new DOMParser().parseFromString(html, "text/html").getElementById("softphone-line");
  const place = line();
  if (!place || !next) return;
  if (place.dataset.src !== next.dataset.src || wordsOf(place) !== wordsOf(next)) {
    window.htmx.swap({ text: html, target: place, swap: "outerHTML", sourceElement: place });
    return;
  }
  for (const name of ["answered", "problem", "renewIn"]) {
    if (next.dataset[name] === undefined) delete place.dataset[name];
    else place.dataset[name] = next.dataset[name];
  }
  planned = null;
  plan();
  document.dispatchEvent(new CustomEvent("key-tried"));
}

/**
 * The words of a problem; the light's own change by themselves.
 * @param {HTMLElement} element
 */
function wordsOf(element) {
  return element.querySelector(".softphone-problem .small")?.textContent ?? "";
}

/** @returns {HTMLElement | null} */
function line() {
  return document.getElementById("softphone-line");
}

/** @returns {import("./softphone.js").AgentSoftphone | null} */
function softphone() {
  return document.querySelector("agent-softphone");
}
