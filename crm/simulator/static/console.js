// The console: shows the switchboard's state, asked for once a second, and posts what is pressed.
// A part of the page is written anew only when its own data changed, so that focus stays.

import { agentRow, callCard, happenedItem, make, notificationRow, postRow, recordRow } from "./console/parts.js";
import { byId, changed, figure, post, say, whenPosted } from "./console/post.js";
import { drawStage } from "./console/stage.js";
import { drawSwitches } from "./console/switches.js";
import { drawSteps } from "./console/past.js";
import "./console/ring.js";
import "./console/tabs.js";
import { _ } from "./words.js";

const EVERY_MS = 1000;

byId("calls").addEventListener("click", farSide);
byId("reset").addEventListener("click", () => resetQuestion().showModal());
resetQuestion().addEventListener("close", reset);
whenPosted(refresh);
refresh();
setInterval(refresh, EVERY_MS);
setInterval(tick, EVERY_MS);

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
  part("calls", state.calls, callCard, _("Nobody is on the phone. Play a scenario, ring below, or dial from the CRM."));
  part("happened", Object.entries(state.faults), happenedItem, _("Nothing."));
  byId("records-count").textContent = figure(state.records_count);
  part("notifications", state.notifications, notificationRow, _("None yet. One is sent when an inbound call of a tenant with a step ends."));
  part("posts", state.hangup_posts, postRow, _("None yet. One is sent when a dialled call with a hangup_url ends."));
  part("records", state.records, recordRow, _("No records."));
  drawSteps(state.notification_steps);
  drawSwitches(state.switches, state.switched);
  drawStage(state.scenario, agents);
  tick();
}

/** @param {string} id @param {any[]} items @param {(item: any) => HTMLElement} make @param {string} empty */
function part(id, items, make, empty) {
  if (!changed(id, items)) return;
  const place = byId(id);
  const focused = place.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement).dataset.id : undefined;
  place.replaceChildren(...(items.length ? items.map(make) : [nothing(place, empty)]));
  if (focused) /** @type {HTMLElement | null} */ (place.querySelector(`[data-id="${focused}"]`))?.focus();
}

/** How long each call has been so. */
function tick() {
  for (const time of byId("calls").querySelectorAll("time")) {
    const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(time.dateTime)) / 1000));
    time.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
}

/** @param {Event} event */
function farSide(event) {
  const { path, agent } = /** @type {HTMLElement} */ (event.target).dataset;
  if (path) post(path, agent ? { agent } : {});
}

function resetQuestion() {
  return /** @type {HTMLDialogElement} */ (byId("reset-question"));
}

async function reset() {
  if (resetQuestion().returnValue !== "reset") return;
  resetQuestion().returnValue = "";
  if (await post("reset", { sign_out: false })) say(_("Everything is as at the start. Softphones stay signed in."));
}

/** @param {HTMLElement} place @param {string} text */
function nothing(place, text) {
  if (place.tagName !== "TBODY") return make(place.tagName === "UL" ? "li" : "p", "empty", text);
  const cell = make("td", "empty", text);
  cell.setAttribute("colspan", "8");
  return make("tr", "", cell);
}
