// @ts-check
/**
 * What on a page goes on by itself: parts that fetch themselves again - how much, and when - and times
 * that count: every <time data-since="ISO 8601"> once a second, as 1:40 or 1:02:05.
 */
import { onHtmx } from "./requests.js";

/** How far the server's clock is ahead of this machine's, in milliseconds. */
let ahead = 0;

// A list ([data-refresh]) asks for as many lines ([data-line]) as it shows, so that nobody who has
// scrolled down in it is thrown back to its first page.
onHtmx("htmx:config:request", ({ sourceElement, request }) => {
  if (!sourceElement.matches("[data-refresh]")) return;
  const shown = sourceElement.querySelectorAll("[data-line]").length;
  request.body.set("shown", String(shown));
});

// What asks every half minute ([data-while-visible]) rests while nobody looks at the page, and asks
// at once when somebody looks again (`looked-at`).
onHtmx("htmx:before:request", ({ sourceElement }, event) => {
  if (document.hidden && sourceElement.matches("[data-while-visible]")) event.preventDefault();
});

// Nor does a list to work through, while a menu or a form in it is open: somebody chooses or types.
for (const moment of ["htmx:before:request", "htmx:before:swap"]) {
  onHtmx(moment, ({ sourceElement }, event) => {
    const isOpen = sourceElement.matches("[data-work-list]") && sourceElement.querySelector("details[open]");
    if (isOpen) event.preventDefault();
  });
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) document.body.dispatchEvent(new CustomEvent("looked-at"));
});

// `since` is the server's time, and desk clocks are wrong by minutes. A Date header is a second
// coarse, so only a difference that would be noticed counts.
onHtmx("htmx:before:response", ({ response }) => {
  const date = Date.parse(response?.headers.get("Date") ?? "");
  const difference = date - Date.now();
  if (!Number.isNaN(difference)) ahead = Math.abs(difference) > 3000 ? difference : 0;
});

// More often than once a second: a late tick would skip one.
setInterval(showAll, 250);
document.addEventListener("htmx:after:swap", showAll);
showAll();

function showAll() {
  for (const timer of document.querySelectorAll("time[data-since]")) show(timer);
}

/** @param {Element} timer */
function show(timer) {
  const since = Date.parse(timer.getAttribute("data-since") ?? "");
  if (Number.isNaN(since)) return;
  const passed = Math.max(0, Math.floor((Date.now() + ahead - since) / 1000));
  const text = clock(passed);
  if (timer.textContent !== text) timer.textContent = text;
}

/** @param {number} seconds */
function clock(seconds) {
  const pad = (/** @type {number} */ part) => String(part).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return hours ? `${hours}:${pad(minutes)}:${pad(rest)}` : `${minutes}:${pad(rest)}`;
}
