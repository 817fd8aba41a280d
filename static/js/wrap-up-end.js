// @ts-check
/**
 * Wrap-up ends by itself when the tenant's time for it is over: "Done" is pressed, which saves note
 * and outcome. It waits while somebody works in the card, in this tab or another. When the answer
 * does not come, the card and what is typed in it stay, and it is tried again.
 */
import { onServersClock } from "./outbox.js";

const WAITS_FOR_HANDS_MS = 30_000;

/** @type {Map<string, number>} by the call's row: until when somebody is taken to work in its card */
const busyUntil = new Map();
/** @type {WeakMap<Element, number>} when "Done" was pressed here last */
const pressed = new WeakMap();

const otherTabs = new BroadcastChannel("wrap-up");
otherTabs.addEventListener("message", ({ data }) => wait(data.row, data.until));

for (const sign of ["input", "change", "keydown", "pointerdown"]) {
  document.addEventListener(sign, ({ target }) => {
    const card = target instanceof Element ? target.closest("#call-panel > .call-card") : null;
    const row = /** @type {HTMLElement | null} */ (card)?.dataset.row;
    if (!row) return;
    const until = now() + WAITS_FOR_HANDS_MS;
    wait(row, until);
    otherTabs.postMessage({ row, until });
  }, { capture: true });
}

setInterval(showAll, 250);
document.addEventListener("htmx:after:process", showAll);
showAll();

function showAll() {
  /** @type {NodeListOf<HTMLElement>} */
  const ends = document.querySelectorAll("#call-panel [data-ends]");
  for (const place of ends) {
    const card = /** @type {HTMLElement | null} */ (place.closest(".call-card"));
    const end = Math.max(Number(place.dataset.ends) * 1000, busyUntil.get(card?.dataset.row ?? "") ?? 0);
    const left = Math.ceil((end - now()) / 1000);
    const text = `${Math.floor(Math.max(left, 0) / 60)}:${String(Math.max(left, 0) % 60).padStart(2, "0")}`;
    const figure = place.querySelector("[data-left]");
    if (figure && figure.textContent !== text) figure.textContent = text;
    place.hidden = false;
    if (card && left <= 0) press(card);
  }
}

/** @param {Element} card */
function press(card) {
  if (now() - (pressed.get(card) ?? 0) < WAITS_FOR_HANDS_MS) return;
  pressed.set(card, now());
  const done = card.querySelector("[data-done]");
  if (done instanceof HTMLButtonElement) done.click();
}

/**
 * @param {string} row
 * @param {number} until
 */
function wait(row, until) {
  busyUntil.set(row, Math.max(until, busyUntil.get(row) ?? 0));
}

/** By the server's clock, which says when the call ended. */
function now() {
  return Date.parse(onServersClock(new Date().toISOString()));
}
