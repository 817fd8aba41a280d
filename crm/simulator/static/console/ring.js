// The tab "Ring": a caller for the agent at the desk.

import { byId, post, say } from "./post.js";
import { _ } from "../words.js";

const form = /** @type {HTMLFormElement} */ (byId("ring"));
const agent = /** @type {HTMLSelectElement} */ (byId("agent"));

form.addEventListener("submit", ringTyped);
form.addEventListener("click", ringPreset);
agent.addEventListener("change", offerQueues);
offerQueues();

/** @param {Event} event */
function ringPreset(event) {
  const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-preset]"));
  if (button) ring({ preset: button.dataset.preset });
}

/** @param {Event} event */
function ringTyped(event) {
  event.preventDefault();
  const fields = new FormData(form);
  if (fields.get("number")) ring({ number: fields.get("number"), masked: fields.has("masked") });
  else say(_("Type a number, or press one of the callers."));
}

/** @param {object} caller */
async function ring(caller) {
  const fields = new FormData(form);
  const call = await post("ring", { agent: agent.value, queue: fields.get("queue"), ivr: fields.has("ivr"), ...caller });
  if (call?.state === "queued") say(_("%(agent)s has no softphone open or is on break, so the caller waits in the queue.", { agent: call.agent_name }));
}

/** Only the queues of the chosen agent's tenant. */
export function offerQueues() {
  const queue = /** @type {HTMLSelectElement} */ (form.elements.namedItem("queue"));
  const tenant = agent.selectedOptions[0].parentElement?.dataset.tenant;
  for (const option of queue.options) {
    option.hidden = option.disabled = option.dataset.tenant !== tenant;
  }
  queue.value = [...queue.options].find((option) => !option.disabled)?.value ?? "";
}
