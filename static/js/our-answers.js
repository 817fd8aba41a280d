// @ts-check
/** What an answer says: whether it is the CRM's own, and what it tells the agent. */

// A login or a token that was lost, a server that is busy: the same request may be taken later.
const LATER = new Set([400, 401, 408, 429]);

/**
 * Tells the CRM's own answers from those of what stands before it, as a proxy does while the CRM
 * restarts: every answer of the CRM but the static files says that it depends on HX-Request
 * (crm/web/layout.py).
 * @param {Headers} headers
 */
export function isOurs(headers) {
  return (headers.get("Vary") ?? "").toLowerCase().includes("hx-request");
}

/**
 * Whether the same request, sent again by itself, may be taken.
 * @param {number} status
 */
export function mayBeTakenLater(status) {
  return status >= 500 || LATER.has(status);
}

/**
 * Whether a page brings a form to fill in: then it is the form that was sent, with what is wrong.
 * @param {string} html
 */
export function bringsForm(html) {
  const forms = [...parsed(html).querySelectorAll("main form[method=post]")];
  return forms.some((form) => form.querySelector("input:not([type=hidden]), select, textarea"));
}

/**
 * What an error page says: its heading and its sentence.
 * @param {string} html
 */
export function wordsOf(html) {
  const heading = parsed(html).querySelector("main h1");
  const text = heading?.parentElement?.querySelector("p");
  return [heading, text].map((place) => place?.textContent?.trim() ?? "");
}

/** @param {string} html */
export function parsed(html) {
  return new DOMParser().parseFromString(html, "text/html");
}
