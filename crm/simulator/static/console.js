// The console: shows the switchboard's state, asked for once a second, and posts what is pressed.
// A part of the page is written anew only when its own data changed, so that focus stays.

const EVERY_MS = 1000;
const STATES = {
  queued: "Waits in the queue",
  ringing: "Rings at the agent",
  choosing: "The agent picks a queue",
  dialling: "Being dialled",
  calling: "Rings at the far side",
  talking: "Talking",
  held: "On hold",
};
const OFFERS = {
  queued: [["offer", "Offer to the agent"], ["hang-up", "Give up"]],
  ringing: [["hang-up", "Give up"]],
  choosing: [],
  dialling: [["answer", "Answer"], ["refuse", "Refuse"], ["busy", "Be busy"], ["no-answer", "Not answer"], ["unreachable", "Be unreachable"]],
  calling: [["answer", "Answer"], ["refuse", "Refuse"], ["busy", "Be busy"], ["no-answer", "Not answer"], ["unreachable", "Be unreachable"]],
  talking: [["hang-up", "Hang up"]],
  held: [["hang-up", "Hang up"]],
};

/** @type {Record<string, string>} */
const shown = {};
const ringForm = /** @type {HTMLFormElement} */ (byId("ring"));
const switchForm = /** @type {HTMLFormElement} */ (byId("switches"));

ringForm.addEventListener("submit", ringTyped);
ringForm.addEventListener("click", ringPreset);
ringForm.elements.namedItem("agent")?.addEventListener("change", offerQueues);
switchForm.addEventListener("change", changeSwitch);
switchForm.addEventListener("submit", (event) => event.preventDefault());
byId("calls").addEventListener("click", farSide);
byId("expire").addEventListener("click", () => post("expire-sessions", {}).then((done) => done && say(`${done.expired} sessions have expired.`)));
byId("reset").addEventListener("click", () => post("reset", { sign_out: false }).then((done) => done && say("Calls, records, posts and switches are as at the start. Softphones stay signed in.")));
offerQueues();
refresh();
setInterval(refresh, EVERY_MS);

async function refresh() {
  try {
    draw(await (await fetch("/console/api/state")).json());
  } catch {
    say("The simulator does not answer. Is it still running?");
  }
}

/** @param {any} state */
function draw(state) {
  const agents = state.tenants.flatMap((/** @type {any} */ tenant) => tenant.agents.map((/** @type {any} */ agent) => ({ ...agent, tenant: tenant.name })));
  part("agents", agents, agentRow, "No agents.");
  part("calls", state.calls, callCard, "No calls. Press a caller above, or dial from the CRM.");
  part("posts", state.hangup_posts, postRow, "None yet. One is sent when a dialled call with a hangup_url ends.");
  part("records", state.records, recordRow, "No records.");
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

/** @param {any} agent */
function agentRow(agent) {
  const light = make("span", "light");
  light.setAttribute("aria-hidden", "true");
  const row = make("li", "", light, make("span", "who", make("strong", "", agent.name), make("span", "quiet", `${agent.email} · ${agent.tenant}`)), make("span", "state", agent.softphone));
  row.dataset.state = agent.softphone;
  return row;
}

/** @param {any} call */
function callCard(call) {
  const real = call.number === call.real_number ? "" : ` (really ${call.real_number})`;
  const way = call.inbound ? `calls ${call.agent_name}` : `is called by ${call.agent_name}`;
  const lost = call.stranded ? make("p", "lost", "Its softphone page is gone. The call stays open until you end it.") : "";
  const state = make("p", "what", STATES[/** @type {keyof STATES} */ (call.state)], call.queue ? ` · ${call.queue}` : "");
  const buttons = OFFERS[/** @type {keyof OFFERS} */ (call.state)].map(([action, label]) => farSideButton(call.id, action, label));
  const card = make("article", "call", state, make("p", "line", make("strong", "", call.number), `${real} ${way}`), lost, make("div", "buttons", ...buttons));
  card.dataset.state = call.state;
  return card;
}

/** @param {number} call @param {string} action @param {string} label */
function farSideButton(call, action, label) {
  const button = make("button", action === "answer" ? "go" : action === "hang-up" ? "stop" : "", label);
  button.setAttribute("type", "button");
  button.dataset.path = `calls/${call}/far-side/${action}`;
  button.dataset.id = button.dataset.path;
  return button;
}

/** @param {any} post */
function postRow(post) {
  return row([post.url], [post.transaction_id || "–"], [post.disposition], [seconds(Number(post.duration)), "figure"], [post.result]);
}

/** @param {any} record */
function recordRow(record) {
  const other = record.inbound ? record.callerid : record.called_num;
  return row([record.calldate], [record.inbound ? "in" : "out"], [other], [record.agent || "–"], [record.queue || "–"], [record.disposition], [seconds(record.duration), "figure"], [record.tenant]);
}

/** @param {Record<string, any>} switches */
function drawSwitches(switches) {
  for (const [name, value] of Object.entries(switches)) {
    const field = /** @type {HTMLInputElement | null} */ (switchForm.elements.namedItem(name));
    if (!field || field === document.activeElement) continue;
    if (field.type === "checkbox") field.checked = value;
    else field.value = value === null ? "" : String(value);
  }
}

/** @param {Event} event */
function changeSwitch(event) {
  const field = /** @type {HTMLInputElement} */ (event.target);
  const number = field.type === "number" || field.name === "hangup_posts";
  const empty = field.value === "";
  const value = field.type === "checkbox" ? field.checked : empty ? null : number ? Number(field.value) : field.value;
  post("switches", { [field.name]: value });
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
  else say("Type a number, or press one of the callers.");
}

/** @param {object} caller */
async function ring(caller) {
  const fields = new FormData(ringForm);
  const call = await post("ring", { agent: fields.get("agent"), queue: fields.get("queue"), ...caller });
  if (call?.state === "queued") say(`${call.agent_name} has no softphone open, so the caller waits in the queue.`);
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
  const path = /** @type {HTMLElement} */ (event.target).dataset.path;
  if (path) post(path, {});
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
  if (!answer.ok) say(data.error ?? "That did not work.");
  await refresh();
  return answer.ok ? data : null;
}

/** @param {string} text */
function say(text) {
  byId("notice").textContent = text;
  byId("notice").hidden = !text;
}

/** @param {number | null} count */
function seconds(count) {
  return count !== null ? `${Math.floor(count / 60)}:${String(count % 60).padStart(2, "0")}` : "–";
}

/** @param {...string[]} cells */
function row(...cells) {
  return make("tr", "", ...cells.map(([text, kind]) => make("td", kind ?? "", text)));
}

/** @param {HTMLElement} place @param {string} text */
function nothing(place, text) {
  if (place.tagName !== "TBODY") return make(place.tagName === "UL" ? "li" : "p", "empty", text);
  const cell = make("td", "empty", text);
  cell.setAttribute("colspan", "8");
  return make("tr", "", cell);
}

/** @param {string} tag @param {string} kind @param {...(Node | string)} children */
function make(tag, kind, ...children) {
  const element = document.createElement(tag);
  if (kind) element.className = kind;
  element.append(...children);
  return element;
}

/** @param {string} id @returns {HTMLElement} */
function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}
