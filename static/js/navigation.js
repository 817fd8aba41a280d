// @ts-check
/**
 * After #main shows another page: focus, the spoken title, the marked entry of the bar, the scripts
 * that only this page needs. Back leads to the same row of a list, however far down it was. And what
 * opens a page by itself.
 */
import { isForMain, onHtmx } from "./requests.js";

/** What only some pages need comes with the first of them. */
const NEEDED = /** @type {const} */ ([
  ["[data-work-list]", () => import("./work-list.js")],
  ["call-recording", () => import("./recording.js")],
  ["[data-chart]", () => import("./reports.js")],
  ["[data-upload]", () => import("./contact-upload.js")],
  ["[data-checks]", () => import("./checks-page.js")],
]);

const PAINTED_AFTER_MS = 30;
const BACK = "HX-History-Restore-Request";
const CHECKS_AFTER_MS = 5000;

/**
 * The place that Back leads to. link: the address of the link that was followed; nth: which of
 * several with this address.
 * @type {{shown: number, top: number, link: string, nth: number} | null}
 */
let back = null;

let quiet = false;

document.addEventListener("htmx:after:swap", fetchNeeded);
fetchNeeded();
// Nothing waits for it, so it is no part of the first page.
if (document.getElementById("checks-light")) {
  setTimeout(() => requestIdleCallback(() => fetchLater(() => import("./checks.js"))), CHECKS_AFTER_MS);
}

// A page that comes by itself, because its contact is calling, does not take the focus.
document.addEventListener("quiet-navigation", () => {
  quiet = true;
});

onHtmx("htmx:before:request", (context) => {
  if (isForMain(context)) main()?.setAttribute("aria-busy", "true");
});

onHtmx("htmx:finally:request", () => main()?.removeAttribute("aria-busy"));

onHtmx("htmx:after:swap", (context) => {
  if (!isForMain(context)) return;
  markCurrentEntry();
  // A class, because a rule with body:has() is matched anew at every change anywhere in the page.
  document.body.classList.toggle("has-own-search", document.querySelector("#main [data-page-search]") !== null);
  // The answer to a form is shown from its top; what was wrong may stand below.
  const wrong = main()?.querySelector("[aria-invalid=true]");
  wrong?.scrollIntoView({ block: "center", behavior: "instant" });
  if (!quiet && mayTakeFocus()) focusPage(wrong);
  quiet = false;
  announce(context.title || document.title);
  const language = main()?.lang;
  if (!language || language === document.documentElement.lang) return;
  void import("./language.js").then(({ follow }) => follow(language));
});

// What is left is remembered with its entry of the browser's history: how many lines ([data-line]) it
// showed, where it was scrolled to, and the link that had the focus.
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

/**
 * Opens a contact in #main because it is calling, but only where that takes nothing away: no
 * half-filled form, no field that is being typed in, no question that waits for an answer.
 * Not before the card of the call is painted; but nothing is painted in a page that nobody sees.
 * @param {string | undefined} url
 */
export async function openQuietly(url) {
  if (url && !document.hidden) await new Promise((done) => setTimeout(done, PAINTED_AFTER_MS));
  const place = main();
  if (!url || !place || location.pathname === url || isInUse(place)) return;
  document.dispatchEvent(new CustomEvent("quiet-navigation"));
  void window.htmx.ajax("GET", url, {
    target: "#main",
    swap: "outerSync",
    push: "true",
    source: place,
  });
}

/** @param {HTMLElement} page */
function isInUse(page) {
  const active = document.activeElement;
  const typing = active instanceof HTMLElement && active.matches("input, textarea, select");
  return (
    page.querySelector("[data-dirty]") !== null ||
    document.querySelector("dialog[open]") !== null ||
    (typing && active.closest("#dock") === null)
  );
}

function fetchNeeded() {
  for (const [where, fetchIt] of NEEDED) if (document.querySelector(where)) fetchLater(fetchIt);
}

/**
 * While there is no network a script cannot come; the page works without it, and asks again with its
 * next part that needs it.
 * @param {() => Promise<unknown>} fetchIt
 */
function fetchLater(fetchIt) {
  fetchIt().catch((error) => console.warn("A script could not be fetched", error));
}

/** Focus follows the page only when the agent is not busy elsewhere: in the dock or typing. */
function mayTakeFocus() {
  const active = document.activeElement;
  if (!active || active === document.body) return true;
  return !active.closest("#dock, input, textarea, select, dialog");
}

/**
 * The first field that was wrong, else the page's title; [autofocus] is htmx's own business.
 * @param {Element | null | undefined} wrong
 */
function focusPage(wrong) {
  if (main()?.querySelector("[autofocus]")) return;
  const place = wrong ?? main()?.querySelector("h1") ?? main();
  if (!(place instanceof HTMLElement)) return;
  if (!wrong) place.tabIndex = -1;
  place.focus({ preventScroll: true });
}

function markCurrentEntry() {
  for (const entry of document.querySelectorAll("a[data-nav]")) {
    const { pathname } = /** @type {HTMLAnchorElement} */ (entry);
    const here = location.pathname === pathname || location.pathname.startsWith(`${pathname}/`);
    if (here) entry.setAttribute("aria-current", "page");
    else entry.removeAttribute("aria-current");
  }
}

/** @param {string} title */
function announce(title) {
  const announcer = document.getElementById("announcer");
  if (announcer) announcer.textContent = title;
}

function main() {
  return document.getElementById("main");
}

/** @param {string} address */
function linksTo(address) {
  const links = document.querySelectorAll(`#main [data-line] a[href="${CSS.escape(address)}"]`);
  return /** @type {HTMLElement[]} */ ([...links]);
}
