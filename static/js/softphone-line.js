// @ts-check
/**
 * What the dock says about the softphone, and when its iframe gets another address. The words come
 * from the server with #softphone-line, which is swapped on a new session.
 *
 * The vendor's page tells no state, so the light says what is known: the softphone's messages, the
 * network, and what the API answered to the session's key (see softphone-key.js).
 */
import { onHtmx } from "./requests.js";
import { isSignedOut, isThere } from "./still-there.js";

const LOOK_EVERY_MS = 1000;
const TRIED_WITHIN_MS = 2000;

const dock = document.getElementById("dock");
const agent = line()?.dataset.agent;
const opened = performance.now();
let elsewhere = false;
let loaded = false;

document.addEventListener("softphone:here", () => { elsewhere = false; });
document.addEventListener("softphone:elsewhere", () => { elsewhere = true; });
document.addEventListener("softphone:loading", () => { loaded = false; });
document.addEventListener("softphone:mounted", () => { loaded = true; });
document.addEventListener("softphone:message", markCalls);
document.addEventListener("softphone:idle", () => {
  markCalls();
  giveWay();
});
for (const change of ["here", "elsewhere", "loading", "mounted", "message", "idle"]) {
  document.addEventListener(`softphone:${change}`, say);
}
document.addEventListener("logged-out", say);
window.addEventListener("offline", say);
window.addEventListener("online", say);
document.addEventListener("key-tried", takeAddress);
onHtmx("htmx:after:swap", takeAddress);
takeAddress();
setInterval(() => {
  if (line()?.dataset.agent === agent) takeAddress(); // else whoever stays is not asked all the time
}, LOOK_EVERY_MS);

/** A new telephony session means a new address; <agent-softphone> waits for the end of a call. */
function takeAddress() {
  const src = line()?.dataset.src;
  const phone = softphone();
  if (!phone || giveWay()) return;
  const isNew = src && phone.getAttribute("src") !== src;
  if (isNew && !isSignedOut() && isThere() && !isBeingTried()) phone.setAttribute("src", src);
  say();
}

/** A page that has just been opened waits a moment, so as not to sign in with a key that is over. */
function isBeingTried() {
  const isTried = line()?.dataset.answered !== undefined;
  return !isTried && performance.now() - opened < TRIED_WITHIN_MS;
}

/** Somebody else has logged in inside this page: everything in it becomes theirs, but no call dies. */
function giveWay() {
  const isOther = line()?.dataset.agent !== agent;
  if (isOther && !softphone()?.busy) location.reload();
  return isOther;
}

/** The light, in the words of #softphone-line; the same word is not said again. */
function say() {
  if (isSignedOut()) giveUp();
  const place = line()?.querySelector("#softphone-state");
  const state = stateNow();
  sayWhenIdle(state);
  const words = line()?.dataset[state];
  if (!place || !words) return;
  if (place.textContent !== words) place.textContent = words;
  const name = `softphone-state is-${state}`;
  if (place.className !== name) place.className = name;
}

/**
 * What the panel says between calls: only the tab that has the softphone knows that nobody calls,
 * and it only while it is reached.
 * @param {ReturnType<typeof stateNow>} state
 */
function sayWhenIdle(state) {
  const isCut = state === "offline" || state === "out" || state === "off";
  const words = isCut ? "idle-cut" : elsewhere ? "idle-elsewhere" : "idle-here";
  const template = /** @type {HTMLTemplateElement | null} */ (document.getElementById(words));
  const place = document.getElementById("call-idle-words");
  if (!template || !place || place.dataset.says === words) return;
  place.dataset.says = words;
  place.replaceChildren(template.content.cloneNode(true));
}

/** Nobody is logged in here any more, so nobody is called here: it goes when no call is up. */
function giveUp() {
  softphone()?.removeAttribute("src");
  delete line()?.dataset.src; // a new login brings a new one
}

/** @returns {"offline" | "elsewhere" | "call" | "out" | "off" | "connected" | "connecting"} */
function stateNow() {
  const { src, answered, problem } = line()?.dataset ?? {};
  if (!isThere()) return "offline";
  if (softphone()?.onCall) return "call";
  if (isSignedOut()) return "out";
  if (elsewhere && src) return "elsewhere";
  if (cardSaysCall()) return "call";
  if (!src) return problem ? "off" : "connecting";
  return loaded && answered === "yes" ? "connected" : "connecting";
}

/** Of a call from before the page was loaded the softphone says nothing. */
function cardSaysCall() {
  return document.querySelector("#call-panel > .call-card:is(.is-talking, .is-held)") !== null;
}

/** base.html asks before the page is left while a call is up (see leave-guard.js). */
function markCalls() {
  if (softphone()?.busy) document.body.dataset.call = "up";
  else delete document.body.dataset.call;
}

function line() {
  return /** @type {HTMLElement | null} */ (dock?.querySelector("#softphone-line") ?? null);
}

/** @returns {import("./softphone.js").AgentSoftphone | null} */
function softphone() {
  return document.querySelector("agent-softphone");
}
