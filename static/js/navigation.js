// @ts-check
/** After #main shows another page: focus, the spoken title, the marked entry of the bar. */
import { isForMain, onHtmx } from "./htmx-events.js";

let quiet = false;

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
  if (!quiet && mayTakeFocus()) focusPage();
  quiet = false;
  announce(context.title || document.title);
});

/** Focus follows the page only when the agent is not busy elsewhere: in the dock or typing. */
function mayTakeFocus() {
  const active = document.activeElement;
  if (!active || active === document.body) return true;
  return !active.closest("#dock, input, textarea, select, dialog");
}

/** The first field that was wrong, else the page's title; [autofocus] is htmx's own business. */
function focusPage() {
  if (main()?.querySelector("[autofocus]")) return;
  const wrong = main()?.querySelector("[aria-invalid=true]");
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
