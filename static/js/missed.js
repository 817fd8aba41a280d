// @ts-check
/**
 * Done takes a caller off the list, and the button with it: the focus goes on to the next one.
 * Undo brings the caller back, and the focus to where the caller stands.
 */
import { onHtmx } from "./htmx-events.js";

const ROWS = "#missed [data-row]";
const FORM = "form[data-missed-done]";

/** @type {number | null} the place of the caller whose Done had the focus */
let place = null;
/** @type {string | undefined} the call that is being put back */
let back;

onHtmx("htmx:before:request", ({ sourceElement }) => {
  if (!sourceElement.contains(document.activeElement)) return;
  back = /** @type {HTMLElement} */ (sourceElement).dataset.missedUndo;
  if (!sourceElement.matches(FORM)) return;
  const row = sourceElement.closest("[data-row]");
  place = [...document.querySelectorAll(ROWS)].findIndex((other) => other === row);
});

onHtmx("htmx:after:swap", () => {
  if (back !== undefined) {
    const button = document.querySelector(`#missed-${back} ${FORM} button`);
    /** @type {HTMLElement | null} */ (button)?.focus();
    back = undefined;
  }
  if (place === null || document.activeElement !== document.body) return;
  const rows = document.querySelectorAll(ROWS);
  const next = rows[Math.min(place, rows.length - 1)]?.querySelector(`${FORM} button`);
  const target = next ?? document.querySelector("#main h1");
  place = null;
  if (!(target instanceof HTMLElement)) return;
  if (!next) target.tabIndex = -1;
  target.focus();
});
