// @ts-check
/** Marks a form of #main that holds something unsaved with data-dirty; other files ask for it. */
import { onHtmx } from "./htmx-events.js";

document.addEventListener("input", ({ target }) => {
  const form = target instanceof Element ? target.closest("#main form") : null;
  if (form instanceof HTMLFormElement && form.method === "post") form.dataset.dirty = "";
});

// A plain form that is being sent, as the login is, loses nothing by the page load that follows.
document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented) /** @type {Element} */ (event.target).removeAttribute("data-dirty");
});

// A saved form that stays on the page is clean again.
onHtmx("htmx:after:swap", ({ sourceElement, response }) => {
  if (response && response.status < 400) sourceElement.closest("form")?.removeAttribute("data-dirty");
});
