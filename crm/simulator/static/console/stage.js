// The stage: a scenario is started by its card, and shown step by step while it is played.

import { make } from "./parts.js";
import { byId, changed, post } from "./post.js";
import { offerQueues } from "./ring.js";
import { _ } from "../words.js";

/** @typedef {{does: string, say: string, see: string}} Step */
/** @typedef {{name: string, title: string, about: string, see: string, steps: Step[]}} Scenario */
/** @typedef {{name: string, agent: string, by_itself: boolean, state: string, why: string, at: number}} Run */

const STATES = {
  playing: _("Playing"),
  done: _("Played to the end"),
  stopped: _("Stopped. Its switches are back."),
  failed: _("Ended early. Its switches are back."),
};

/** @type {Scenario[]} */
const scenarios = JSON.parse(byId("scenarios").textContent ?? "[]");
const agent = /** @type {HTMLSelectElement} */ (byId("agent"));
const byItself = /** @type {HTMLInputElement} */ (byId("by-itself"));
const panel = byId("playing");
/** @type {Run | null} */
let run = null;
let closed = "";
let hasChosen = false;

document.querySelector(".cards")?.addEventListener("click", (event) => {
  const card = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-scenario]"));
  if (card?.dataset.scenario) play(card.dataset.scenario);
});
agent.addEventListener("change", () => (hasChosen = true));
byId("stop").addEventListener("click", () => post("scenarios/stop", {}));
byId("again").addEventListener("click", () => run && play(run.name));
byId("close").addEventListener("click", () => {
  closed = JSON.stringify(run);
  panel.hidden = true;
});

/** @param {string} name */
async function play(name) {
  const started = await post(`scenarios/${name}/play`, { agent: agent.value, by_itself: byItself.checked });
  if (!started) return scrollTo({ top: 0 });
  panel.scrollIntoView({ block: "nearest" });
}

/** @param {Run | null} now @param {{email: string, name: string, softphone: string}[]} agents */
export function drawStage(now, agents) {
  run = now;
  hintAtTheDesk(agents);
  if (!changed("scenario", run) || JSON.stringify(run) === closed) return;
  const scenario = scenarios.find((one) => one.name === run?.name);
  panel.hidden = !run || !scenario;
  if (!run || !scenario) return;
  panel.dataset.state = run.state;
  write("state", STATES[/** @type {keyof typeof STATES} */ (run.state)]);
  write("title", scenario.title);
  write("see", scenario.see);
  write("why", _(run.why));
  of("why").hidden = !run.why;
  const isPlaying = run.state === "playing";
  byId("stop").hidden = !isPlaying;
  byId("again").hidden = byId("close").hidden = isPlaying;
  drawSteps(scenario, run);
}

/** Steps without words are not shown: they belong to the one before them. @param {Scenario} scenario @param {Run} run */
function drawSteps(scenario, run) {
  const told = scenario.steps.map((step, number) => ({ ...step, number })).filter((step) => step.say);
  const current = told.findLast((step) => step.number <= run.at);
  const items = told.map((step) => {
    const item = make("li", "", make("span", "say", step.say));
    const isNow = step === current && run.state === "playing";
    item.dataset.step = isNow ? "now" : step.number < run.at ? "done" : "ahead";
    if (isNow) item.setAttribute("aria-current", "step");
    if (step.see && item.dataset.step !== "ahead") item.append(make("span", "seen", step.see));
    return item;
  });
  byId("steps").replaceChildren(...items);
  write("now", run.state === "playing" ? (current?.say ?? "") : "");
}

/** Whoever has a softphone open stands at the desk, until a person chooses.
 * @param {{email: string, name: string, softphone: string}[]} agents */
function hintAtTheDesk(agents) {
  const open = agents.find((one) => one.softphone !== "offline");
  if (!hasChosen && open && agent.value !== open.email && agents.find((one) => one.email === agent.value)?.softphone === "offline") {
    agent.value = open.email;
    offerQueues();
  }
  const chosen = agents.find((one) => one.email === agent.value);
  const hints = {
    offline: _("No softphone is open: log in to the CRM as %(agent)s, or let the simulator answer.", { agent: chosen?.name ?? "" }),
    break: _("%(agent)s is on break: nothing rings until “Available” is pressed in the softphone.", { agent: chosen?.name ?? "" }),
  };
  const hint = hints[/** @type {keyof typeof hints} */ (chosen?.softphone)] ?? "";
  byId("desk-hint").hidden = !hint || (byItself.checked && chosen?.softphone === "offline");
  if (byId("desk-hint").textContent !== hint) byId("desk-hint").textContent = hint;
}

/** @param {string} name */
function of(name) {
  return /** @type {HTMLElement} */ (panel.querySelector(`[data-of="${name}"]`));
}

/** @param {string} name @param {string} text */
function write(name, text) {
  if (of(name).textContent !== text) of(name).textContent = text;
}
