// @ts-check
/**
 * When an answer does not come, or is not the one that was asked for: says so where the agent
 * looks, and keeps what is on the page. A page of ours is shown as it is - the form again, a 404 -
 * but not in the place of a form that holds something unsaved: above that stands what it says.
 * A login that was lost is asked for by still-there.js.
 *
 * What waits for Call Center Studio says so: a dial at once, beside the number; hold and hang up on the
 * card when they take long. A slow vendor may take ten seconds, and silence looks like a click that was
 * not heard.
 */
import { bringsForm, fetchInto, isForMain, isOurs, mayBeTakenLater, onHtmx, wordsOf } from "./requests.js";

/** @typedef {import("./requests.js").RequestContext} RequestContext */

const NOTE_AGAIN_MS = 5000;
const AGAIN_IS_NO_USE = new Set([403, 404, 405]);
const SLOW_MS = 2500;
const WAITS = "form.dial, .call-card .call-actions > button[hx-post]";

/** @type {Map<Element, {place: Element, end: () => void}>} the words of what is under way */
const underWay = new Map();

onHtmx("htmx:before:request", ({ sourceElement }) => {
  if (!sourceElement.matches(WAITS)) return;
  const isDial = sourceElement.matches("form.dial");
  const place = isDial ? sourceElement.querySelector(".dial-status") : placeOnCard(sourceElement);
  if (!place) return;
  place.classList.remove("is-error");
  if (isDial) place.replaceChildren(waitingWord("dial-sent"));
  const timer = setTimeout(() => {
    place.replaceChildren(waitingWord(isDial ? "dial-slow" : "vendor-slow"));
  }, SLOW_MS);
  const end = () => {
    clearTimeout(timer);
    if (!isDial) place.remove();
  };
  underWay.set(sourceElement, { place, end });
});

// A card that is drawn anew meanwhile comes without the words.
onHtmx("htmx:after:swap", () => {
  for (const [button, { place }] of underWay) {
    if (!place.isConnected && place.matches(".call-waits")) button.closest(".call-actions")?.after(place);
  }
});

onHtmx("htmx:finally:request", ({ sourceElement }) => {
  underWay.get(sourceElement)?.end();
  underWay.delete(sourceElement);
});

// No network, too slow, or an answer that could not be put into the page.
onHtmx("htmx:error", tellNoAnswer);

/** @param {RequestContext} context */
function tellNoAnswer(context) {
  if (isDial(context)) return tellAtDial(context);
  if (isOfCall(context)) return tellAtButton(context);
  if (isNote(context)) return keepTrying(context);
  if (isForMain(context)) return tellInMain(context, whatFailed(context));
  if (asksByItself(context)) return;
  toast({ template: "failed-part" });
}

/**
 * "stopped": something before the CRM, a proxy, has refused the form; sent again it does the same.
 * @param {RequestContext} context
 */
function whatFailed({ request, response }) {
  if (request.method === "GET") return "navigation";
  return response && !mayBeTakenLater(response.status) ? "stopped" : "form";
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
  else if (isOfCall(context)) tellAtButton(context);
  else if (!isNote(context) && !asksByItself(context)) toastOf(context);
});

onHtmx("htmx:before:request", (context) => {
  if (isForMain(context)) document.querySelector("#main [data-failed]")?.remove();
});

/**
 * An error page does not replace a form that holds something unsaved, only that form itself does.
 * @param {RequestContext} context
 * @param {Event} event
 */
function keepTypedText(context, event) {
  const status = context.response?.status ?? 0;
  if (status === 401 || !document.querySelector("#main form[data-dirty]")) return;
  if (bringsForm(context.text ?? "")) return;
  event.preventDefault();
  const notice = tellInMain(context, "refused");
  const [heading, text] = wordsOf(context.text ?? "");
  notice?.querySelector("[data-said]")?.replaceChildren(`${heading}. ${text}`);
  if (AGAIN_IS_NO_USE.has(status)) notice?.querySelector("[data-retry]")?.remove();
}

/**
 * @param {RequestContext} context
 * @param {"navigation" | "form" | "refused" | "stopped"} what
 */
function tellInMain(context, what) {
  const notice = words("failed-page").firstElementChild;
  const main = document.getElementById("main");
  if (!main || !(notice instanceof HTMLElement)) return null;
  for (const text of notice.querySelectorAll("[data-when]")) {
    if (text.getAttribute("data-when") !== what) text.remove();
  }
  notice.querySelector("[data-status]")?.replaceChildren(String(context.response?.status));
  notice.querySelector("[data-retry]")?.addEventListener("click", () => retry(context));
  main.querySelector("[data-failed]")?.remove();
  main.prepend(notice);
  notice.scrollIntoView({ block: "nearest" });
  return notice;
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
function keepTrying({ sourceElement, response, text }) {
  if (response && isOurs(response.headers) && !mayBeTakenLater(response.status)) {
    return refuseNote(sourceElement, text);
  }
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

/**
 * A note that the CRM will never take, because its call is gone: it stays where it can be copied.
 * @param {Element} form
 * @param {string} [html]
 */
function refuseNote(form, html) {
  const place = words("refused-note");
  place.querySelector("[data-said]")?.replaceChildren(wordsOf(html ?? "").join(". "));
  form.querySelector(".call-saved")?.replaceChildren(place);
}

/**
 * A refusal of ours was no dial; without an answer nobody knows, and call-panel.js finds it out.
 * @param {RequestContext} context
 */
function tellAtDial({ sourceElement, response, text }) {
  const place = sourceElement.querySelector(".dial-status");
  if (!place) return;
  const isRefusal = response && response.status < 500 && isOurs(response.headers);
  const told = words(isRefusal ? "refused-dial" : "failed-dial");
  told.querySelector("[data-said]")?.replaceChildren(`${wordsOf(text ?? "")[0]}.`);
  place.replaceChildren(told);
  place.classList.add("is-error");
  if (isRefusal) return;
  const { call } = /** @type {HTMLElement} */ (sourceElement).dataset;
  document.dispatchEvent(new CustomEvent("dial-unanswered", { detail: { call } }));
}

/**
 * A button of a card that the softphone has as well: hang up, hold.
 * @param {RequestContext} context
 */
function isOfCall({ sourceElement }) {
  return sourceElement.matches("[data-failed-words]");
}

/** @param {RequestContext} context */
function tellAtButton({ sourceElement }) {
  const place = sourceElement.closest(".call-actions")?.querySelector(".call-problem");
  place?.replaceChildren(words(sourceElement.getAttribute("data-failed-words") ?? ""));
}

/**
 * What an error page of ours says, in a corner: what it was an answer to is a small part of a page.
 * @param {RequestContext} context
 */
function toastOf({ text }) {
  toast({ text: wordsOf(text ?? "").join(". ") });
}

/** @param {{template: string} | {text: string}} detail */
function toast(detail) {
  document.dispatchEvent(new CustomEvent("toast", { detail }));
}

/** @param {Element} button */
function placeOnCard(button) {
  const place = document.createElement("p");
  place.className = "call-waits";
  place.setAttribute("role", "status");
  const actions = button.closest(".call-actions");
  actions?.querySelector(".call-problem")?.replaceChildren(); // that was of the click before
  actions?.after(place);
  return place;
}

/** @param {string} id */
function waitingWord(id) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById(id));
  const span = document.createElement("span");
  span.className = "dial-word";
  span.textContent = template.content.textContent;
  return span;
}

/** @param {string} id */
function words(id) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById(id));
  return /** @type {DocumentFragment} */ (template.content.cloneNode(true));
}
