// @ts-check
/**
 * In a list to work through ([data-work-list]: missed calls, follow-ups) Done takes a line off, and
 * the button with it: the focus goes on to the next one. Undo brings the line back, and the focus.
 */
import { onHtmx } from "./requests.js";

const ROWS = "[data-work-list] [data-row]";
const FORM = "form[data-row-done]";

/**
 * What gets the focus after the answer to a request whose button had it. The list and its number
 * fetch themselves as well, and their answers may come first: they do not move the focus.
 * @type {WeakMap<import("./requests.js").RequestContext, () => HTMLElement | null>}
 */
const after = new WeakMap();

onHtmx("htmx:before:request", (context) => {
  const { sourceElement } = context; // the form; after the swap it may be gone from the page
  if (!sourceElement.contains(document.activeElement)) return;
  const back = /** @type {HTMLElement} */ (sourceElement).dataset.rowUndo;
  if (back !== undefined) after.set(context, () => button(document.getElementById(back)));
  if (!sourceElement.matches(FORM)) return;
  const row = sourceElement.closest("[data-row]");
  const place = [...document.querySelectorAll(ROWS)].findIndex((other) => other === row);
  after.set(context, () => buttonOrTitle(place));
});

onHtmx("htmx:after:swap", (context) => {
  after.get(context)?.()?.focus();
  after.delete(context);
});

/**
 * Nothing when the agent has gone elsewhere meanwhile.
 * @param {number} place
 */
function buttonOrTitle(place) {
  if (document.activeElement !== document.body) return null;
  const rows = document.querySelectorAll(ROWS);
  const next = button(rows[Math.min(place, rows.length - 1)]);
  if (next) return next;
  const title = /** @type {HTMLElement | null} */ (document.querySelector("#main h1"));
  if (title) title.tabIndex = -1;
  return title;
}

/**
 * @param {Element | null | undefined} row
 * @returns {HTMLElement | null}
 */
function button(row) {
  return row?.querySelector(`${FORM} button`) ?? null;
}
