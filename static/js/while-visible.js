// @ts-check
/**
 * What asks for itself every half minute ([data-while-visible]) rests while nobody looks at the
 * page, and asks at once when somebody looks again (`looked-at`).
 */
import { onHtmx } from "./htmx-events.js";

onHtmx("htmx:before:request", ({ sourceElement }, event) => {
  if (document.hidden && sourceElement.matches("[data-while-visible]")) event.preventDefault();
});

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) document.body.dispatchEvent(new CustomEvent("looked-at"));
});
