// @ts-check
/**
 * What the keyboard does beyond the browser's own: single keys, the arrows in a list, Ctrl+Enter in a
 * note. The table of single keys is templates/_shortcuts.html. When what had the focus goes, lost-focus.js
 * brings it on.
 */
import { isForMain, onHtmx } from "./requests.js";

const SINGLE_KEYS = "single-keys";
const CARD = "#call-panel > .call-card";
const FIELDS = "input:not([type=radio], [type=checkbox]), textarea, select";

/** By the names in the table; true where there was something to do. */
const ACTIONS = /** @type {Record<string, () => boolean>} */ ({
  /** The page's own search field, else the bar's. */
  search() {
    const field = one("#main [data-page-search]") ?? one("[data-search]");
    if (field instanceof HTMLInputElement) field.select();
    return focus(field);
  },

  /** What rings comes first, then what is up; again: the next. */
  call() {
    const ranks = [".is-ringing", ":not(.is-ringing, .is-wrap_up)", ".is-wrap_up"];
    const cards = ranks.flatMap((rank) => all(CARD + rank));
    const [first, second] = cards;
    const card = second && first?.contains(document.activeElement) ? second : first;
    goToCard(card ?? one("#call-panel"));
    return true;
  },

  /** Where its frame is not, the button that brings it here. */
  softphone() {
    openDock();
    one(".softphone.is-folded > #softphone-fold")?.click();
    return focus(one("agent-softphone > iframe") ?? all("#softphone-line button").find((button) => button.checkVisibility()));
  },

  note() {
    const [field] = [".is-talking", ".is-held", ""].flatMap((state) => all(`${CARD}${state} [data-note]`));
    if (field) openDock();
    return focus(field);
  },

  /** Of the contact that is open. */
  dial() {
    const [number, another] = all("#main .numbers .dial-button");
    if (!another) number?.click();
    return focus(number);
  },

  /** The line or the card that has the focus, else the first card that can be done. */
  done() {
    const here = document.activeElement?.closest(`${CARD}, [data-work-list] [data-row]`);
    const own = /** @type {HTMLElement | null | undefined} */ (here?.querySelector("[data-done], [data-row-done] button"));
    own?.focus(); // from where it goes on when the line or card goes
    const button = own ?? one(`${CARD} [data-done]`);
    button?.click();
    return button !== null;
  },

  /** On their page the next line, after the last one the first. */
  missed() {
    missedIsAsked = !one("#missed");
    if (missedIsAsked) one('#topbar [data-nav="missed.index"]')?.click();
    const rows = all("#missed [data-row]");
    const next = rows[rows.findIndex((row) => row.contains(document.activeElement)) + 1] ?? rows[0];
    focus(next?.querySelector(".dial button") ?? handle(next));
    return true;
  },

  list() {
    one("#shortcuts")?.showPopover();
    return true;
  },
});

let missedIsAsked = false;

// Most people never press one, so this comes with the first of all keys; what it did may move the focus.
document.addEventListener("keydown", () => {
  const had = document.activeElement;
  void import("./lost-focus.js").then(({ watch }) => watch(had));
}, { once: true });

document.addEventListener("keydown", (event) => {
  if (ACTIONS[actionOf(event)]?.()) event.preventDefault();
});

// A skip link leads to the same place.
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a[data-action]") : null;
  if (ACTIONS[link?.getAttribute("data-action") ?? ""]?.()) event.preventDefault();
});

// Single keys are in the way of those who dictate, so they can be switched off, for this browser.
document.addEventListener("change", ({ target }) => {
  if (!(target instanceof HTMLInputElement) || !target.matches("[data-single-keys-choice]")) return;
  localStorage.setItem(SINGLE_KEYS, target.checked ? "on" : "off");
  showChoice();
});
window.addEventListener("storage", showChoice); // in another tab
showChoice();

// The key for missed calls was pressed on another page.
onHtmx("htmx:after:swap", (context) => {
  if (!isForMain(context)) return;
  if (missedIsAsked && one("#missed")) ACTIONS.missed?.();
  missedIsAsked = false;
});

// Arrow keys run through the rows of a list ([data-row]); down leads from a search field into it.
document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
  if (focus(neighbour(event.target, step))) event.preventDefault();
});

// Ctrl+Enter (Cmd+Enter) in a note presses the form's "Done", when there is one.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const note = event.target;
  if (!(note instanceof HTMLTextAreaElement) || !note.matches("[data-done-key]")) return;
  const done = note.form?.querySelector("[data-done]");
  if (done instanceof HTMLButtonElement) done.click();
});

/**
 * To a call's card, in a folded dock too.
 * @param {HTMLElement | null} card
 */
export function goToCard(card) {
  openDock();
  focus(card?.querySelector("a[href], button") ?? card);
}

/**
 * The name of what a key does, "" for nothing: while somebody types, composes a letter or is asked
 * something, it is the letter that it always was. "/" and "?" need Shift on some keyboards.
 * @param {KeyboardEvent} event
 */
function actionOf({ key, shiftKey, ctrlKey, altKey, metaKey, repeat, isComposing, target }) {
  const isModified = ctrlKey || altKey || metaKey || (shiftKey && /^\w$/.test(key));
  if (isModified || repeat || isComposing || isOff() || one("dialog[open], :popover-open")) return "";
  if (target instanceof HTMLElement && (target.isContentEditable || target.matches(FIELDS))) return "";
  return one(`#shortcuts [data-key="${CSS.escape(key.toLowerCase())}"]`)?.dataset.action ?? "";
}

function isOff() {
  return localStorage.getItem(SINGLE_KEYS) === "off";
}

function showChoice() {
  document.documentElement.dataset.singleKeys = isOff() ? "off" : "on";
  const choice = one("[data-single-keys-choice]");
  if (choice instanceof HTMLInputElement) choice.checked = !isOff();
}

function openDock() {
  const toggle = one(".dock:not(.is-open) #dock-toggle");
  if (toggle?.checkVisibility()) toggle.click();
}

/**
 * What gets the focus, or nothing when the key is not ours.
 * @param {EventTarget | null} from
 * @param {number} step
 */
function neighbour(from, step) {
  if (!(from instanceof HTMLElement)) return null;
  const rows = all("#main [data-row]");
  const row = /** @type {HTMLElement | null} */ (from.closest("[data-row]"));
  if (row && !from.matches("input, select, textarea")) {
    const before = step < 0 && rows.indexOf(row) === 0;
    return before ? one("#main [data-page-search]") : handle(rows[rows.indexOf(row) + step]);
  }
  return step > 0 && from.matches("[data-search], [data-page-search]") ? handle(rows[0]) : null;
}

/**
 * A row's first link, which stands for the row.
 * @param {Element | undefined} row
 */
function handle(row) {
  return row?.querySelector("a[href], summary, button");
}

/**
 * @param {Element | null | undefined} place
 * @returns {boolean} whether there is one
 */
function focus(place) {
  if (!(place instanceof HTMLElement)) return false;
  place.focus();
  return true;
}

/**
 * @param {string} which
 * @returns {HTMLElement | null}
 */
function one(which) {
  return document.querySelector(which);
}

/**
 * @param {string} which
 * @returns {HTMLElement[]}
 */
function all(which) {
  return [...document.querySelectorAll(which)].filter((found) => found instanceof HTMLElement);
}
