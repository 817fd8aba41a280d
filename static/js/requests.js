// @ts-check
/**
 * What all requests to the CRM have in common: what htmx says about them, typed; the token that each
 * write carries; what an answer says. The other files read htmx's events through here.
 */

/**
 * @typedef {object} RequestContext
 * @property {Element} sourceElement  what asked
 * @property {Element | string} [target]  where the answer goes
 * @property {string} [title]  the title in the answer
 * @property {string} [text]  the answer
 * @property {string} [confirm]  a question to ask first
 * @property {typeof fetch} [fetch]  what sends it, if not the browser's own
 * @property {{action: string, method: string, headers: Record<string, string>, body: FormData}} request
 * @property {{status: number, headers: Headers}} [response]
 * @property {Record<string, string>} [hx]  the answer's HX-* headers, names without dashes
 */

// A login or a token that was lost, a server that is busy: the same request may be taken later.
const LATER = new Set([400, 401, 408, 429]);

// Every write carries the token.
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
 * Call `listener` for an event of htmx, with the request it is about.
 * @param {string} name
 * @param {(context: RequestContext, event: CustomEvent) => void} listener
 */
export function onHtmx(name, listener) {
  document.addEventListener(name, (event) => {
    const context = /** @type {CustomEvent} */ (event).detail?.ctx;
    if (context) listener(context, /** @type {CustomEvent} */ (event));
  });
}

/**
 * Whether the answer is to replace the page, which is #main.
 * @param {RequestContext} context
 */
export function isForMain(context) {
  const target = context.target;
  return target === "#main" || (target instanceof Element && target.id === "main");
}

/**
 * Ask htmx for something; the same as its own links do.
 * @param {string} url
 * @param {Record<string, string>} options
 */
export function fetchInto(url, options) {
  const { htmx } = /** @type {{htmx: {ajax: Function}}} */ (/** @type {unknown} */ (window));
  htmx.ajax("GET", url, options);
}

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
