// @ts-check
/** How the parts of a page that fetch themselves again do it: how much, and when. */
import { onHtmx } from "./htmx-events.js";

// A list ([data-refresh]) asks for as many lines ([data-line]) as it shows, so that nobody who has
// scrolled down in it is thrown back to its first page.
onHtmx("htmx:config:request", ({ sourceElement, request }) => {
  if (!sourceElement.matches("[data-refresh]")) return;
  const shown = sourceElement.querySelectorAll("[data-line]").length;
  request.body.set("shown", String(shown));
});

// What asks every half minute ([data-while-visible]) rests while nobody looks at the page, and asks
// at once when somebody looks again (`looked-at`).
onHtmx("htmx:before:request", ({ sourceElement }, event) => {
  if (document.hidden && sourceElement.matches("[data-while-visible]")) event.preventDefault();
});

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) document.body.dispatchEvent(new CustomEvent("looked-at"));
});
