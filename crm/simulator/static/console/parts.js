// How the console shows one agent, one call, one hangup POST, one record.

import { _ } from "../words.js";

const STATES = {
  ivr: _("Listens to the announcement"),
  queued: _("Waits in the queue"),
  ringing: _("Rings at the agent"),
  choosing: _("The agent picks a queue"),
  dialling: _("Being dialled"),
  calling: _("Rings at the far side"),
  talking: _("Talking"),
  held: _("On hold"),
};
const SOFTPHONES = { offline: _("offline"), ready: _("ready"), break: _("on break"), ringing: _("ringing"), talking: _("talking") };
const OFFERS = {
  ivr: [["hang-up", _("Give up")]],
  queued: [["offer", _("Offer to the agent")], ["hang-up", _("Give up")]],
  ringing: [["hang-up", _("Give up")]],
  choosing: [],
  dialling: [["answer", _("Answer")], ["refuse", _("Refuse")], ["busy", _("Be busy")], ["no-answer", _("Not answer")], ["unreachable", _("Be unreachable")]],
  calling: [["answer", _("Answer")], ["refuse", _("Refuse")], ["busy", _("Be busy")], ["no-answer", _("Not answer")], ["unreachable", _("Be unreachable")]],
  talking: [["hang-up", _("Hang up")]],
  held: [["hang-up", _("Hang up")]],
};

/** @param {any} agent */
export function agentRow(agent) {
  const light = make("span", "light");
  light.setAttribute("aria-hidden", "true");
  const row = make("li", "", light, make("span", "who", make("strong", "", agent.name), make("span", "quiet", `${agent.email} · ${agent.tenant}`)), make("span", "state", SOFTPHONES[/** @type {keyof typeof SOFTPHONES} */ (agent.softphone)]));
  row.dataset.state = agent.softphone;
  return row;
}

/** @param {any} call */
export function callCard(call) {
  const real = call.number === call.real_number ? "" : ` ${_("(really %(number)s)", { number: call.real_number })}`;
  const way = (call.inbound ? _("calls %(agent)s", { agent: call.agent_name }) : _("is called by %(agent)s", { agent: call.agent_name }));
  const lost = call.stranded ? make("p", "lost", _("Its softphone page is gone. The call stays open until you end it.")) : "";
  const state = make("p", "what", STATES[/** @type {keyof typeof STATES} */ (call.state)], call.queue ? ` · ${call.queue}` : "", since(call.since));
  const buttons = OFFERS[/** @type {keyof typeof OFFERS} */ (call.state)].map(([action, label]) => farSideButton(call.id, action, label));
  const up = call.state === "talking" || call.state === "held";
  for (const colleague of up ? call.colleagues : []) buttons.push(transferButton(call.id, colleague));
  const card = make("article", "call", state, make("p", "line", make("strong", "", call.number), `${real} ${way}`), lost, call.keyed ? make("p", "lost", _("Keys pressed: %(keys)s", { keys: call.keyed })) : "", make("div", "buttons", ...buttons));
  card.dataset.state = call.state;
  return card;
}

/** @param {string} moment */
function since(moment) {
  const time = document.createElement("time");
  time.dateTime = moment;
  return time;
}

/** @param {number} call @param {string} action @param {string} label */
function farSideButton(call, action, label) {
  const button = make("button", action === "answer" ? "go" : action === "hang-up" ? "stop" : "", label);
  button.setAttribute("type", "button");
  button.dataset.path = `calls/${call}/far-side/${action}`;
  button.dataset.id = button.dataset.path;
  return button;
}

/** @param {number} call @param {{email: string, name: string}} colleague */
function transferButton(call, colleague) {
  const button = make("button", "", _("Transfer to %(agent)s", { agent: colleague.name }));
  button.setAttribute("type", "button");
  button.dataset.path = `calls/${call}/softphone/transfer`;
  button.dataset.agent = colleague.email;
  button.dataset.id = `${button.dataset.path}/${colleague.email}`;
  return button;
}

/** @param {any} notification */
export function notificationRow(notification) {
  return row([notification.url], [notification.result], [notification.told.map(shortened).join("  ")]);
}

/** @param {string} told a parameter; keys are long */
function shortened(told) {
  return told.length > 44 ? `${told.slice(0, 40)}…` : told;
}

/** @param {any} post */
export function postRow(post) {
  return row([post.url], [post.transaction_id || "–"], [post.disposition], [seconds(Number(post.duration)), "figure"], [post.result]);
}

/** @param {[string, number]} counted a fault and how often it happened */
export function happenedItem([fault, count]) {
  return make("li", "", make("strong", "", String(count)), ` × ${fault.replaceAll("_", " ")}`);
}

/** @param {any} record */
export function recordRow(record) {
  const other = record.inbound ? record.callerid : record.called_num;
  return row([record.calldate], [record.inbound ? _("in") : _("out")], [other], [record.agent || "–"], [record.queue || "–"], [record.disposition], [seconds(record.duration), "figure"], [record.tenant]);
}

/** @param {number | null} count */
function seconds(count) {
  return count !== null ? `${Math.floor(count / 60)}:${String(count % 60).padStart(2, "0")}` : "–";
}

/** @param {...string[]} cells */
function row(...cells) {
  return make("tr", "", ...cells.map(([text, kind]) => make("td", kind ?? "", text)));
}

/** @param {string} tag @param {string} kind @param {...(Node | string)} children */
export function make(tag, kind, ...children) {
  const element = document.createElement(tag);
  if (kind) element.className = kind;
  element.append(...children);
  return element;
}
