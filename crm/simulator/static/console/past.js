// The forms of "Records" and "Webhooks": calls of the past are invented, the IVR's step is set up.

import { byId, changed, field, figure, post, say } from "./post.js";
import { _ } from "../words.js";

const history = /** @type {HTMLFormElement} */ (byId("history"));

history.addEventListener("submit", makeUpHistory);
byId("step").addEventListener("submit", setStep);
// The days before today are what one mostly wants.
for (const [name, daysAgo] of Object.entries({ from: 30, to: 0 })) {
  field(history, name).value = new Date(Date.now() - daysAgo * 24 * 3600 * 1000).toISOString().slice(0, 10);
}

/** @param {Event} event */
async function makeUpHistory(event) {
  event.preventDefault();
  const { calls, ...rest } = Object.fromEntries(new FormData(history));
  const made = await post("history", { ...rest, calls: Number(calls) });
  if (made) say(_("%(count)s calls lie in the past.", { count: figure(made.calls) }));
}

/** @param {Event} event */
async function setStep(event) {
  event.preventDefault();
  const wish = Object.fromEntries(new FormData(/** @type {HTMLFormElement} */ (event.target)));
  if (!(await post("notification-steps", wish))) return;
  const tenant = String(wish.tenant);
  say(wish.url ? _("The IVR of %(tenant)s notifies that address.", { tenant }) : _("The IVR of %(tenant)s notifies nobody.", { tenant }));
}

/** @param {Record<string, string>} steps tenant -> method */
export function drawSteps(steps) {
  if (!changed("steps", steps)) return;
  const told = Object.entries(steps).map(([tenant, method]) => `${tenant} (${method})`);
  byId("steps").textContent = told.length ? _("Set up: %(steps)s.", { steps: told.join(", ") }) : _("No IVR has a step yet.");
}
