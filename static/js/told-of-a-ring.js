// @ts-check
/**
 * Tells an agent who looks elsewhere that it rings: by the page's title and icon, in every tab; by a
 * desktop notification and a sound, where the softphone is; and one who hears the page, by a sentence.
 * All of it is read from the cards once they are painted, so it says no more than they do, of a masked
 * caller too.
 *
 * A missed call stays in title and icon until the agent has looked at one of the tabs.
 *
 * The browser wants something first: leave for notifications, asked for by a button and never by itself;
 * a click on the page before it lets anything sound. Where that stands are attributes of <html>, by
 * which the style sheet shows the words about it, in the dock and in the agent's settings:
 *
 *   data-notifications  granted, denied, default (not asked yet) or none (the browser has none)
 *   data-sound          blocked, until there was a click
 */
import { goToCard } from "./keys.js";

const PAINTED_AFTER_MS = 30;
const CARDS = "#call-panel > .call-card";
const RINGS = `${CARDS}.is-ringing`;
const MISSED = `${CARDS}.is-missed`;
const LATER = "notifications-later";
const PAGE_IS_QUIET_AFTER_MS = 1000;
const SOUNDS_WITHIN_MS = 1000;

const icon = /** @type {HTMLLinkElement | null} */ (document.querySelector("link[rel=icon]"));
const usualIcon = icon?.getAttribute("href");
const otherTabs = new BroadcastChannel("told-of-a-ring");

/** @type {Set<string | undefined>} calls that rang in this page and may turn out to be missed */
const rang = new Set();
/** @type {Map<string, Notification>} of the calls that ring, also those that were closed again */
const notifications = new Map();
/** @type {Map<string, {sentence: string, rings: boolean, who: string}>} what each call's card has said aloud */
const said = new Map();
let pageTitle = document.title;
let ourTitle = "";
let isPlanned = false;
const allowed = document.documentElement.dataset;
let isSoundTried = false;
/** @type {Promise<() => void> | null} what ends the sound */
let sound = null;

const cards = new MutationObserver(soon);
const panel = document.getElementById("call-panel");
if (panel) cards.observe(panel, { childList: true, subtree: true, attributeFilter: ["class"] });
const title = document.querySelector("title");
if (title) new MutationObserver(tell).observe(title, { childList: true });
for (const change of ["focus", "blur"]) window.addEventListener(change, tell);
document.addEventListener("visibilitychange", tell);
document.addEventListener("softphone:here", tell);
otherTabs.addEventListener("message", ({ data }) => {
  if ("seen" in data) rang.delete(data.seen);
  if ("hasSound" in data) setSound(data.hasSound);
  tell();
});
// The answer to the agent's saved settings.
document.addEventListener("ring-sound", (event) => {
  const { on } = /** @type {CustomEvent} */ (event).detail;
  setSound(on);
  otherTabs.postMessage({ hasSound: on });
});

if (localStorage.getItem(LATER)) allowed.notificationsLater = "";
showPermission();
void navigator.permissions?.query({ name: "notifications" }).then((status) => {
  status.addEventListener("change", showPermission); // by the browser's own settings, in any tab
});

document.addEventListener("click", async ({ target }) => {
  const button = target instanceof Element ? target.closest("button") : null;
  if (button?.matches("[data-allow-notifications]")) {
    await Notification.requestPermission();
    showPermission();
  } else if (button?.matches("[data-notifications-later]")) {
    localStorage.setItem(LATER, "yes");
    allowed.notificationsLater = "";
  } else if (button?.matches("[data-play-ring]")) {
    (await import("./ring-sound.js")).play({ again: false });
  }
});

// Only where the softphone is: its ring, too, is silent until then.
document.addEventListener("softphone:here", trySoon);
trySoon();

/** Not before the card is painted; but nothing is painted in a page that nobody sees. */
function soon() {
  if (document.hidden) return tell();
  if (!isPlanned) setTimeout(tell, PAINTED_AFTER_MS);
  isPlanned = true;
}

function tell() {
  isPlanned = false;
  const ringing = cardsOf(RINGS);
  for (const { dataset } of ringing) rang.add(dataset.cid);
  const missed = cardsOf(MISSED).filter(({ dataset }) => rang.has(dataset.cid));
  if (isInView()) for (const { dataset } of missed.splice(0)) see(dataset.cid);
  const [newest] = [...ringing, ...missed];
  setTitle(newest ? sentenceOf(newest) : "");
  setIcon(ringing.length ? icon?.dataset.ringing : missed.length ? icon?.dataset.missed : usualIcon);
  sayAloud();
  const hasPhone = softphone()?.mounted ?? false;
  notify(hasPhone ? ringing : []);
  ringAloud(hasPhone && ringing.length > 0);
}

/** What a card says now, if it is something else than before; and that a ring is over whose card is gone. */
function sayAloud() {
  const news = [];
  for (const card of cardsOf(CARDS)) {
    const { cid: call = "" } = card.dataset;
    const rings = card.matches(RINGS);
    const sentence = rings ? [sentenceOf(card), textOf(card, ".call-company")].filter(Boolean).join(", ") : sentenceOf(card);
    if (said.get(call)?.sentence !== sentence) news.push(sentence);
    said.set(call, { sentence, rings, who: textOf(card, ".call-name") });
  }
  for (const [call, { rings, who }] of said) {
    if (document.getElementById(`call-${call}`)) continue;
    said.delete(call);
    if (rings) news.push(`${textOf(document, "#ring-over")}: ${who}`);
  }
  const place = document.getElementById("call-announcement");
  if (place && news.length) place.textContent = news.join(". ");
}

/** @param {string | undefined} call */
function see(call) {
  rang.delete(call);
  otherTabs.postMessage({ seen: call });
}

/** htmx changes the title with the page: then that is what ours goes before. @param {string} words */
function setTitle(words) {
  if (document.title !== ourTitle) pageTitle = document.title;
  ourTitle = words ? `${words} · ${pageTitle}` : pageTitle;
  if (document.title !== ourTitle) document.title = ourTitle;
}

/** @param {string | null | undefined} address */
function setIcon(address) {
  if (icon && address && icon.getAttribute("href") !== address) icon.href = address;
}

/** @param {HTMLElement[]} ringing */
function notify(ringing) {
  for (const [call, notification] of notifications) {
    const ringsOn = ringing.some(({ dataset }) => dataset.cid === call);
    if (isInView() || !ringsOn) notification.close();
    if (!ringsOn) notifications.delete(call);
  }
  if (isInView() || window.Notification?.permission !== "granted") return;
  for (const card of ringing) notifyOf(card);
}

/** @param {HTMLElement} card */
function notifyOf(card) {
  const { cid: call = "" } = card.dataset;
  const before = notifications.get(call);
  const [heading, body] = [sentenceOf(card), linesOf(card)];
  if (before?.title === heading && before.body === body) return;
  try {
    // The same tag replaces the one before: a masked caller may be found while it rings.
    const notification = new Notification(heading, {
      body,
      tag: call,
      icon: icon?.dataset.large,
      requireInteraction: true,
      lang: document.documentElement.lang,
    });
    notifications.set(call, notification);
    notification.addEventListener("click", () => {
      window.focus();
      notification.close();
      goToCard(document.getElementById(`call-${call}`));
    });
  } catch {
    // Android's Chrome has the permission, but lets no page notify by itself.
  }
}

/** @param {boolean} isOn */
function ringAloud(isOn) {
  const wanted = isOn && dock()?.dataset.ringSound === "on";
  if (wanted && !sound) {
    const onCall = softphone()?.onCall ?? false;
    sound = import("./ring-sound.js").then(({ play }) => play({ again: !onCall }));
  } else if (!wanted && sound) {
    void sound.then((end) => end());
    sound = null;
  }
}

/** @param {boolean} on */
function setSound(on) {
  const place = dock();
  if (place) place.dataset.ringSound = on ? "on" : "off";
}

function isInView() {
  return !document.hidden && document.hasFocus();
}

/** "Ringing: Elif Şahin". @param {HTMLElement} card */
function sentenceOf(card) {
  return [textOf(card, ".state"), textOf(card, ".call-name")].join(": ");
}

/** @param {HTMLElement} card */
function linesOf(card) {
  const lines = card.querySelectorAll(".call-who .call-line");
  return [...lines].map((line) => line.textContent?.trim()).join("\n");
}

/**
 * @param {ParentNode} place
 * @param {string} part
 */
function textOf(place, part) {
  return place.querySelector(part)?.textContent?.trim() ?? "";
}

/** @param {string} which @returns {HTMLElement[]} */
function cardsOf(which) {
  return [...document.querySelectorAll(which)].filter((card) => card instanceof HTMLElement);
}

function showPermission() {
  allowed.notifications = window.Notification?.permission ?? "none";
}

function trySoon() {
  if (!softphone()?.mounted || isSoundTried) return;
  isSoundTried = true;
  setTimeout(trySound, PAGE_IS_QUIET_AFTER_MS);
}

/** A click in the page before, as at the login, may have been enough: the browser knows. */
async function trySound() {
  if (navigator.userActivation?.hasBeenActive) return;
  const context = new AudioContext();
  await new Promise((done) => {
    context.addEventListener("statechange", done);
    setTimeout(done, SOUNDS_WITHIN_MS);
  });
  const isBlocked = context.state === "suspended";
  void context.close();
  if (!isBlocked || navigator.userActivation?.hasBeenActive) return;
  allowed.sound = "blocked";
  // A click in the softphone counts as well, and is seen here as the focus that goes there.
  for (const sign of ["pointerup", "keydown", "click"]) document.addEventListener(sign, unblock);
  window.addEventListener("blur", () => setTimeout(unblock));
}

function unblock() {
  if (navigator.userActivation?.hasBeenActive) delete allowed.sound;
}

function dock() {
  return document.getElementById("dock");
}

/** @returns {import("./softphone.js").AgentSoftphone | null} */
function softphone() {
  return document.querySelector("agent-softphone");
}
