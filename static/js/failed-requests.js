// @ts-check
/**
 * When an answer does not come, or is not the one that was asked for: says so where the agent
 * looks, and keeps what is on the page. Answers that are pages of ours - the form again with
 * 422, the login with 401, a 404 - are shown as they are.
 */
import { fetchInto, isForMain, onHtmx } from "./htmx-events.js";
import { isOurs } from "./our-answers.js";

/** @typedef {import("./htmx-events.js").RequestContext} RequestContext */

const NOTE_AGAIN_MS = 5000;
const FORM_AGAIN = [422, 429]; // what was typed is in the answer, and what is wrong with it

// No network, too slow, or an answer that could not be put into the page.
onHtmx("htmx:error", tellNoAnswer);

/** @param {RequestContext} context */
function tellNoAnswer(context) {
  if (isDial(context)) return tellAtDial(context);
  if (isNote(context)) return keepTrying(context);
  if (isForMain(context)) return tellInMain(context, isRead(context) ? "navigation" : "form");
  if (asksByItself(context)) return;
  toast("failed-part");
}

// An error for a small piece of the page is a page of its own: it would take #main away.
onHtmx("htmx:after:request", (context, event) => {
  if (!context.response || context.response.status < 400) return;
  if (!isOurs(context.response.headers)) {
    event.preventDefault();
    return tellNoAnswer(context);
  }
  if (isForMain(context)) return keepTypedText(context, event);
  if (isNote(context)) keepTrying(context);
  if (context.hx?.retarget !== "#main") return;
  event.preventDefault();
  if (isDial(context)) tellAtDial(context);
  else if (!isNote(context) && !asksByItself(context)) toast("failed-part");
});

onHtmx("htmx:before:request", (context) => {
  if (isForMain(context)) document.querySelector("#main [data-failed]")?.remove();
});

/**
 * A login form or an error page does not replace a form that holds something unsaved.
 * @param {RequestContext} context
 * @param {Event} event
 */
function keepTypedText(context, event) {
  const status = context.response?.status ?? 0;
  if (FORM_AGAIN.includes(status) || !document.querySelector("#main form[data-dirty]")) return;
  event.preventDefault();
  tellInMain(context, status === 401 ? "login" : "form");
}

/**
 * @param {RequestContext} context
 * @param {"navigation" | "form" | "login"} what
 */
function tellInMain(context, what) {
  const notice = words("failed-page").firstElementChild;
  const main = document.getElementById("main");
  if (!main || !(notice instanceof HTMLElement)) return;
  for (const text of notice.querySelectorAll("[data-when]")) {
    if (text.getAttribute("data-when") !== what) text.remove();
  }
  notice.querySelector("[data-retry]")?.addEventListener("click", () => retry(context));
  main.querySelector("[data-failed]")?.remove();
  main.prepend(notice);
  notice.scrollIntoView({ block: "nearest" });
}

/**
 * A page is asked for again; a form is sent again by the agent's own click, as it stands now.
 * @param {RequestContext} context
 */
function retry({ request, sourceElement }) {
  const form = sourceElement.closest("form");
  if (request.method !== "GET") return form?.requestSubmit();
  const push = new URL(request.action, location.href).href === location.href ? "false" : "true";
  fetchInto(request.action, { target: "#main", swap: "outerSync", push });
}

/** @param {RequestContext} context */
function isRead({ request }) {
  return request.method === "GET";
}

/**
 * What refreshes itself every few seconds is asked for again, so nobody needs to do anything.
 * @param {RequestContext} context
 */
function asksByItself({ sourceElement, request }) {
  return request.method === "GET" && sourceElement.matches("[hx-trigger^='every ']");
}

/** @param {RequestContext} context */
function isDial({ sourceElement }) {
  return sourceElement.matches("form.dial");
}

/** @param {RequestContext} context */
function isNote({ sourceElement }) {
  return sourceElement.matches("form.call-work");
}

/**
 * A note says that it is not saved, and saves itself as soon as that can be done.
 * @param {RequestContext} context
 */
function keepTrying({ sourceElement, response }) {
  sourceElement.querySelector(".call-saved")?.replaceChildren(words("failed-note"));
  const over = new AbortController();
  const again = () => {
    over.abort();
    if (sourceElement.isConnected) /** @type {HTMLFormElement} */ (sourceElement).requestSubmit();
  };
  sourceElement.addEventListener("htmx:before:request", () => over.abort(), { signal: over.signal });
  document.addEventListener("logged-in", again, { signal: over.signal });
  if (response?.status === 401) return; // asked again, it would only ask for the login again
  window.addEventListener("online", again, { signal: over.signal });
  const timer = setTimeout(again, NOTE_AGAIN_MS);
  over.signal.addEventListener("abort", () => clearTimeout(timer));
}

/** @param {RequestContext} context */
function tellAtDial({ sourceElement }) {
  const place = sourceElement.querySelector(".dial-status");
  if (!place) return;
  place.replaceChildren(words("failed-dial"));
  place.classList.add("is-error");
}

/** @param {string} id */
function toast(id) {
  document.dispatchEvent(new CustomEvent("toast", { detail: { template: id } }));
}

/** @param {string} id */
function words(id) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById(id));
  return /** @type {DocumentFragment} */ (template.content.cloneNode(true));
}
