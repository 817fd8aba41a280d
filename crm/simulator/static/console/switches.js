// The tab "Faults": each switch is posted when it is changed; the tab counts those that are on.

import { byId, changed, field, figure, post, say } from "./post.js";
import { _ } from "../words.js";

const forms = ["switches", "faults"].map((id) => /** @type {HTMLFormElement} */ (byId(id)));

for (const form of forms) {
  form.addEventListener("change", changeSwitch);
  form.addEventListener("submit", (event) => event.preventDefault());
}
byId("expire").addEventListener("click", async () => {
  const done = await post("expire-sessions", {});
  if (done) say(_("%(count)s sessions have expired.", { count: done.expired }));
});

/** @param {Record<string, any>} switches @param {string[]} switched those that are not as at the start */
export function drawSwitches(switches, switched) {
  if (!changed("switches", switches)) return;
  for (const [name, value] of Object.entries(switches)) {
    const one = forms.map((form) => field(form, name)).find((found) => found !== null);
    if (!one || one === document.activeElement) continue;
    one.closest("label")?.classList.toggle("switched", switched.includes(name));
    if (one.type === "checkbox") one.checked = value;
    else one.value = value === null ? "" : String(value);
  }
  byId("faults-on").hidden = !switched.length;
  byId("faults-on").textContent = figure(switched.length);
}

/** @param {Event} event */
function changeSwitch(event) {
  const one = /** @type {HTMLInputElement} */ (event.target);
  const number = one.type === "number" || one.name === "hangup_posts" || one.name === "notification_posts";
  const empty = one.value === "";
  const value = one.type === "checkbox" ? one.checked : empty ? null : number ? Number(one.value) : one.value;
  post("switches", { [one.name]: value });
}
