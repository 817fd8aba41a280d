// @ts-check
/**
 * Back leads to the same row of a list, however far down it was. What is left is remembered with
 * its entry of the browser's history: how many lines ([data-line]) it showed, where it was scrolled
 * to, and the link that had the focus.
 */
import { isForMain, onHtmx } from "./htmx-events.js";

const BACK = "HX-History-Restore-Request";

/**
 * The place that Back leads to. link: the address of the link that was followed; nth: which of
 * several with this address.
 * @type {{shown: number, top: number, link: string, nth: number} | null}
 */
let back = null;

onHtmx("htmx:before:request", (context) => {
  if (!isForMain(context) || BACK in context.request.headers) return;
  const shown = document.querySelectorAll("#main [data-line]").length;
  const link = context.sourceElement.getAttribute("href") ?? "";
  const place = { shown, top: scrollY, link, nth: linksTo(link).findIndex((one) => one === context.sourceElement) };
  history.replaceState({ ...history.state, htmx: true, place }, "");
});

onHtmx("htmx:config:request", ({ request }) => {
  back = BACK in request.headers ? (history.state?.place ?? null) : null;
  if (back) request.body.set("shown", String(back.shown));
});

onHtmx("htmx:after:swap", (context) => {
  if (!back || !isForMain(context)) return;
  const { top, link, nth } = back;
  back = null;
  scrollTo({ top, behavior: "instant" });
  linksTo(link)[nth]?.focus({ preventScroll: true });
});

/** @param {string} address */
function linksTo(address) {
  const links = document.querySelectorAll(`#main [data-line] a[href="${CSS.escape(address)}"]`);
  return /** @type {HTMLElement[]} */ ([...links]);
}
