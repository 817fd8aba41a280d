// The console: shows the switchboard's state, asked for once a second, and posts what is pressed.
// A part of the page is written anew only when its own data changed, so that focus stays.

import { agentRow, callCard, happenedItem, make, notificationRow, postRow, recordRow } from "./console/parts.js";
import { _ } from "./words.js";

const EVERY_MS = 1000;
/** @type {Record<string, string>} */
const shown = {};
const ringForm = /** @type {HTMLFormElement} */ (byId("ring"));
const switchForms = ["switches", "faults"].map((id) => /** @type {HTMLFormElement} */ (byId(id)));
const historyForm = /** @type {HTMLFormElement} */ (byId("history"));

ringForm.addEventListener("submit", ringTyped);
ringForm.addEventListener("click", ringPreset);
/** @type {HTMLSelectElement} */ (ringForm.elements.namedItem("agent")).addEventListener("change", offerQueues);
for (const form of switchForms) {
  form.addEventListener("change", changeSwitch);
  form.addEventListener("submit", (event) => event.preventDefault());
}
historyForm.addEventListener("submit", makeUpHistory);
byId("step").addEventListener("submit", setStep);
byId("calls").addEventListener("click", farSide);
byId("expire").addEventListener("click", () => post("expire-sessions", {}).then((done) => done && say(_("%(count)s sessions have expired.", { count: done.expired }))));
byId("reset").addEventListener("click", () => post("reset", { sign_out: false }).then((done) => done && say(_("Calls, records, posts, switches and counts are as at the start. Softphones stay signed in."))));
offerQueues();
offerLastMonth();
refresh();
setInterval(refresh, EVERY_MS);

async function refresh() {
  try {
    draw(await (await fetch("/console/api/state")).json());
  } catch {
    say(_("The simulator does not answer. Is it still running?"));
  }
}

/** @param {any} state */
function draw(state) {
  const agents = state.tenants.flatMap((/** @type {any} */ tenant) => tenant.agents.map((/** @type {any} */ agent) => ({ ...agent, tenant: tenant.name })));
  part("agents", agents, agentRow, _("No agents."));
  part("calls", state.calls, callCard, _("No calls. Press a caller above, or dial from the CRM."));
  part("happened", Object.entries(state.faults), happenedItem, _("Nothing."));
  byId("records-count").textContent = figure(state.records_count);
  part("notifications", state.notifications, notificationRow, _("None yet. One is sent when an inbound call of a tenant with a step ends."));
  if (changed("steps", state.notification_steps)) byId("steps").textContent = stepsInWords(state.notification_steps);
  part("posts", state.hangup_posts, postRow, _("None yet. One is sent when a dialled call with a hangup_url ends."));
  part("records", state.records, recordRow, _("No records."));
  if (changed("switches", state.switches)) drawSwitches(state.switches);
}

/** @param {string} id @param {any[]} items @param {(item: any) => HTMLElement} make @param {string} empty */
function part(id, items, make, empty) {
  if (!changed(id, items)) return;
  const place = byId(id);
  const focused = place.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement).dataset.id : undefined;
  place.replaceChildren(...(items.length ? items.map(make) : [nothing(place, empty)]));
  if (focused) /** @type {HTMLElement | null} */ (place.querySelector(`[data-id="${focused}"]`))?.focus();
}

/** @param {string} id @param {any} data */
function changed(id, data) {
  const text = JSON.stringify(data);
  if (shown[id] === text) return false;
  shown[id] = text;
  return true;
}

/** @param {Record<string, any>} switches */
function drawSwitches(switches) {
  for (const [name, value] of Object.entries(switches)) {
    const fields = switchForms.map((form) => form.elements.namedItem(name));
    const field = /** @type {HTMLInputElement | undefined} */ (fields.find((one) => one !== null));
    if (!field || field === document.activeElement) continue;
    if (field.type === "checkbox") field.checked = value;
    else field.value = value === null ? "" : String(value);
  }
}

/** @param {Event} event */
function changeSwitch(event) {
  const field = /** @type {HTMLInputElement} */ (event.target);
  const number = field.type === "number" || field.name === "hangup_posts" || field.name === "notification_posts";
  const empty = field.value === "";
  const value = field.type === "checkbox" ? field.checked : empty ? null : number ? Number(field.value) : field.value;
  post("switches", { [field.name]: value });
}

/** @param {Event} event */
async function makeUpHistory(event) {
  event.preventDefault();
  const { calls, ...rest } = Object.fromEntries(new FormData(historyForm));
  const made = await post("history", { ...rest, calls: Number(calls) });
  if (made) say(_("%(count)s calls lie in the past.", { count: figure(made.calls) }));
}

/** The days before today are what one mostly wants. */
function offerLastMonth() {
  for (const [name, daysAgo] of Object.entries({ from: 30, to: 0 })) {
    const day = new Date(Date.now() - daysAgo * 24 * 3600 * 1000).toISOString().slice(0, 10);
    /** @type {HTMLInputElement} */ (historyForm.elements.namedItem(name)).value = day;
  }
}

/** @param {Event} event */
function ringPreset(event) {
  const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-preset]"));
  if (button) ring({ preset: button.dataset.preset });
}

/** @param {Event} event */
function ringTyped(event) {
  event.preventDefault();
  const fields = new FormData(ringForm);
  if (fields.get("number")) ring({ number: fields.get("number"), masked: fields.has("masked") });
  else say(_("Type a number, or press one of the callers."));
}

/** @param {Event} event */
function setStep(event) {
  event.preventDefault();
  const wish = Object.fromEntries(new FormData(/** @type {HTMLFormElement} */ (event.target)));
  post("notification-steps", wish).then((done) => done && say(wish.url ? _("The IVR of %(tenant)s notifies that address.", { tenant: String(wish.tenant) }) : _("The IVR of %(tenant)s notifies nobody.", { tenant: String(wish.tenant) })));
}

/** @param {Record<string, string>} steps tenant -> method */
function stepsInWords(steps) {
  const told = Object.entries(steps).map(([tenant, method]) => `${tenant} (${method})`);
  return told.length ? _("Set up: %(steps)s.", { steps: told.join(", ") }) : _("No IVR has a step yet.");
}

/** @param {object} caller */
async function ring(caller) {
  const fields = new FormData(ringForm);
  const call = await post("ring", { agent: fields.get("agent"), queue: fields.get("queue"), ivr: fields.has("ivr"), ...caller });
  if (call?.state === "queued") say(_("%(agent)s has no softphone open, so the caller waits in the queue.", { agent: call.agent_name }));
}

/** Only the queues of the chosen agent's tenant. */
function offerQueues() {
  const agent = /** @type {HTMLSelectElement} */ (ringForm.elements.namedItem("agent"));
  const queue = /** @type {HTMLSelectElement} */ (ringForm.elements.namedItem("queue"));
  const label = /** @type {HTMLOptGroupElement} */ (agent.selectedOptions[0].parentElement).label;
  for (const option of queue.options) {
    option.hidden = option.disabled = !label.startsWith(`${option.dataset.tenant} `);
  }
  queue.value = [...queue.options].find((option) => !option.disabled)?.value ?? "";
}

/** @param {Event} event */
function farSide(event) {
  const { path, agent } = /** @type {HTMLElement} */ (event.target).dataset;
  if (path) post(path, agent ? { agent } : {});
}

/** @param {string} path @param {object} body @returns {Promise<any>} the answer, or null */
async function post(path, body) {
  say("");
  const answer = await fetch(`/console/api/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok) say(_(data.error ?? "That did not work."));
  await refresh();
  return answer.ok ? data : null;
}

/** @param {number} count as the reader's language groups it */
function figure(count) {
  return count.toLocaleString(document.documentElement.lang);
}

/** @param {string} text */
function say(text) {
  byId("notice").textContent = text;
  byId("notice").hidden = !text;
}

/** @param {HTMLElement} place @param {string} text */
function nothing(place, text) {
  if (place.tagName !== "TBODY") return make(place.tagName === "UL" ? "li" : "p", "empty", text);
  const cell = make("td", "empty", text);
  cell.setAttribute("colspan", "8");
  return make("tr", "", cell);
}

/** @param {string} id @returns {HTMLElement} */
function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}
