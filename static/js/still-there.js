// @ts-check
/**
 * Whether the CRM is there and still knows this page's login. Every page learns of the end of its
 * login within a minute, also one that nobody looks at: an agent who was deactivated keeps no phone.
 * Mostly something else has just asked (the badge of missed calls), so this asks little.
 */
import { onHtmx } from "./htmx-events.js";
import { isOurs } from "./our-answers.js";

const LOOK_EVERY_MS = 1000;
const HEARD_WITHIN_MS = 40_000;
const AGAIN_MS = 5000; // while the CRM does not answer, or the login is lost
const ANSWERED_WITHIN_MS = 15_000;

const agent = document.getElementById("softphone-line")?.dataset.agent;
let answers = true;
let signedOut = false;
let asking = false;
let askAt = Date.now() + HEARD_WITHIN_MS;

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
  heard(response.status);
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
    const answer = await fetch("/softphone", {
      headers: { "HX-Request": "true", "HX-Target": "softphone-line" },
      signal: AbortSignal.timeout(ANSWERED_WITHIN_MS),
    });
    answers = isOurs(answer.headers);
    if (answers) heard(answer.status);
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

/** @param {number} status of an answer of the CRM's own */
function heard(status) {
  answers = true;
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
