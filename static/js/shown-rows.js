// @ts-check
/**
 * A list that fetches itself again ([data-refresh]) asks for as many lines ([data-line]) as it
 * shows, so that nobody who has scrolled down in it is thrown back to its first page.
 */
import { onHtmx } from "./htmx-events.js";

onHtmx("htmx:config:request", ({ sourceElement, request }) => {
  if (!sourceElement.matches("[data-refresh]")) return;
  const shown = sourceElement.querySelectorAll("[data-line]").length;
  request.body.set("shown", String(shown));
});
