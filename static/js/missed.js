// @ts-check
/** Done takes a caller off the list, and the button with it: the focus goes on to the next one. */
import { onHtmx } from "./htmx-events.js";

const ROWS = "#missed [data-row]";
const FORM = "form[data-missed-done]";

/** @type {number | null} the place of the caller whose Done had the focus */
let place = null;

onHtmx("htmx:before:request", ({ sourceElement }) => {
  if (!sourceElement.matches(FORM) || !sourceElement.contains(document.activeElement)) return;
  const row = sourceElement.closest("[data-row]");
  place = [...document.querySelectorAll(ROWS)].findIndex((other) => other === row);
});

onHtmx("htmx:after:swap", () => {
  if (place === null || document.activeElement !== document.body) return;
  const rows = document.querySelectorAll(ROWS);
  const next = rows[Math.min(place, rows.length - 1)]?.querySelector(`${FORM} button`);
  const target = next ?? document.querySelector("#main h1");
  place = null;
  if (!(target instanceof HTMLElement)) return;
  if (!next) target.tabIndex = -1;
  target.focus();
});
