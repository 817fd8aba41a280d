// @ts-check
/**
 * The focus is never nowhere. When what had it goes - a card that is done, a button that a fragment has
 * replaced, a hint that was answered - the browser gives it to nobody and says nothing. Then it goes on: from a
 * card to the next one, else to where it was before the cards; elsewhere to what stands in the same place.
 * Whoever has put it somewhere meanwhile is left alone. Also shows that the focus is in the softphone's frame.
 * keys.js loads this with the first key.
 */

const LOOK_EVERY_MS = 100;
const FOCUSABLE = "a[href], button:enabled, input:enabled:not([type=hidden]), textarea, select, summary";

/** @type {Element[]} what had the focus last, and all that it stood in */
let path = [];
/** @type {HTMLElement | null} what had it last outside the dock */
let outside = null;
let isMissing = false;

/** @param {Element | null} first  what has had the focus until now */
export function watch(first) {
  remember(first);
  remember(document.activeElement);
  document.addEventListener("focusin", ({ target }) => remember(target));
  // A style sheet cannot tell that the focus is inside a frame.
  window.addEventListener("blur", () => document.activeElement?.closest("#softphone")?.classList.add("has-focus"));
  window.addEventListener("focus", () => document.getElementById("softphone")?.classList.remove("has-focus"));
  setInterval(look, LOOK_EVERY_MS);
}

/** @param {EventTarget | null} place */
function remember(place) {
  if (!(place instanceof HTMLElement) || place === document.body) return;
  path = [];
  for (let one = /** @type {Element | null} */ (place); one; one = one.parentElement) path.push(one);
  if (!place.closest("#dock")) outside = place;
}

/** Twice in a row, because whoever has changed the page may just be about to give the focus on. */
function look() {
  const [last] = path;
  const wasMissing = isMissing;
  isMissing = document.activeElement === document.body && last !== undefined && !isShown(last);
  if (wasMissing && isMissing) placeAfter().focus({ preventScroll: true });
}

/** @returns {HTMLElement} */
function placeAfter() {
  const card = path.find((one) => one.matches(".call-card"));
  if (card && !card.isConnected) {
    const next = document.querySelector("#call-panel > .call-card");
    if (next instanceof HTMLElement) return firstIn(next) ?? next;
    return outside && isShown(outside) ? outside : title();
  }
  const around = path.find((one) => one.matches(":is(#dock, #topbar), :is(#main, #dock, #topbar) *") && isShown(one) && firstIn(one));
  return (around && firstIn(around)) ?? title();
}

/**
 * @param {Element} place
 * @returns {HTMLElement | undefined}
 */
function firstIn(place) {
  const found = /** @type {NodeListOf<HTMLElement>} */ (place.querySelectorAll(FOCUSABLE));
  return [...found].find(isShown);
}

function title() {
  const place = /** @type {HTMLElement} */ (document.querySelector("#main h1") ?? document.getElementById("main"));
  place.tabIndex = -1;
  return place;
}

/** @param {Element} place */
function isShown(place) {
  return place.isConnected && place.checkVisibility({ visibilityProperty: true });
}
