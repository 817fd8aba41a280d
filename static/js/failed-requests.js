// @ts-check
/**
 * When an answer does not come, or is not the one that was asked for: says so where the agent
 * looks, and keeps what is on the page. Answers that are pages of ours - the form again with
 * 422, the login with 401, a 404 - are shown as they are.
 */
import { fetchInto, isForMain, onHtmx } from "./htmx-events.js";

/** @typedef {import("./htmx-events.js").RequestContext} RequestContext */

// No network, too slow, or an answer that could not be put into the page.
onHtmx("htmx:error", (context) => {
  if (isDial(context)) return tellAtDial(context);
  if (isForMain(context)) return tellInMain(context, isRead(context) ? "navigation" : "form");
  toast("failed-part");
});

// An error for a small piece of the page is a page of its own: it would take #main away.
onHtmx("htmx:after:request", (context, event) => {
  if ((context.response?.status ?? 0) < 400) return;
  if (isForMain(context)) return keepTypedText(context, event);
  if (context.hx?.retarget !== "#main") return;
  if (context.response?.status === 401) return keepTypedText(context, event);
  event.preventDefault();
  if (isDial(context)) tellAtDial(context);
  else toast("failed-part");
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
  if (status === 422 || !document.querySelector("#main form[data-dirty]")) return;
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

/** @param {RequestContext} context */
function isDial({ sourceElement }) {
  return sourceElement.matches("form.dial");
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
