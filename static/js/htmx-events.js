// @ts-check
/** What htmx says about a request, typed; the other files read its events through here. */

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
