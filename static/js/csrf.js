// @ts-check
/** Sends the token with every write, and keeps the tokens in plain forms current. */
import { onHtmx } from "./htmx-events.js";

onHtmx("htmx:config:request", ({ request }) => {
  if (request.method !== "GET") request.headers["X-CSRFToken"] = token();
});

// A new login in the middle of a page's life changes the token, and forms outside #main
// still hold the old one.
document.addEventListener("submit", ({ target }) => {
  const field = /** @type {Element} */ (target).querySelector("input[name=csrf_token]");
  if (field) /** @type {HTMLInputElement} */ (field).value = token();
}, { capture: true });

/** The token in force; every answer for #main may bring a new one into the head. */
function token() {
  return document.querySelector("meta[name=csrf-token]")?.getAttribute("content") ?? "";
}
