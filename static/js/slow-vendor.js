// @ts-check
/**
 * What waits for Call Center Studio says so: a dial at once, beside the number; hold and hang up on
 * the card when they take long. A slow vendor may take ten seconds, and silence looks like a click
 * that was not heard.
 */
import { onHtmx } from "./htmx-events.js";

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
  if (isDial) place.replaceChildren(word("dial-sent"));
  const timer = setTimeout(() => {
    place.replaceChildren(word(isDial ? "dial-slow" : "vendor-slow"));
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
function word(id) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById(id));
  const span = document.createElement("span");
  span.className = "dial-word";
  span.textContent = template.content.textContent;
  return span;
}
