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

onHtmx("htmx:after:request", ({ response }) => {
  if (response?.status === 400) takeToken(response.headers);
});

/**
 * A login in another tab has made the token old: the refusal brings the new one. Not when
 * somebody else has logged in there: this page is still the earlier agent's.
 * @param {Headers} headers
 */
export function takeToken(headers) {
  const content = headers.get("X-CSRFToken");
  const agent = document.getElementById("softphone-line")?.dataset.agent;
  if (content && headers.get("X-Agent") === agent) {
    setToken(content);
  }
}

/** @param {string | null | undefined} content */
export function setToken(content) {
  if (content) document.querySelector("meta[name=csrf-token]")?.setAttribute("content", content);
}

/** The token in force; every answer for #main may bring a new one into the head. */
export function token() {
  return document.querySelector("meta[name=csrf-token]")?.getAttribute("content") ?? "";
}
