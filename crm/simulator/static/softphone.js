// The softphone page: an event stream in, the vendor's messages out to the parent window, and
// buttons. The switchboard decides what happens and in which order; this file shows it and passes
// the messages on.
//
// For tests and for the eye: <body> carries data-call-state (connecting, ready, break, ringing, choosing,
// dialling, calling, talking, held, gone), data-microphone (asking, granted, refused) and
// data-packets-sent (audio packets sent since the page was loaded; grows only while a call is up).

import { CallSound } from "./softphone/call_sound.js";
import { CallList } from "./softphone/call_list.js";
import { askForMicrophone } from "./softphone/microphone.js";
import { Ringer } from "./softphone/ringer.js";
import { _ } from "./words.js";

/** @typedef {{id: number, state: string, inbound: boolean, number: string, queue: string, keyed: string, since: string}} Call */
/** @typedef {{message?: object | null, calls?: Call[], on_break?: boolean, stranded?: number, gone?: string}} SwitchboardEvent */

const WORDS = {
  connecting: _("Connecting…"),
  ready: _("Ready"),
  break: _("On break"),
  ringing: _("Ringing"),
  choosing: _("Choose a queue"),
  dialling: _("Dialling"),
  calling: _("Calling"),
  talking: _("Talking"),
  held: _("On hold"),
  gone: _("Signed out"),
};
const FIRST = ["ringing", "talking", "calling", "dialling", "choosing", "held"];
const STATS_EVERY_MS = 250;

const session = new URLSearchParams(location.search).get("session") ?? "";
const page = newId();
const sound = new CallSound(/** @type {HTMLAudioElement} */ (byId("far-side")));
const ringer = new Ringer();
const list = new CallList(byId("calls"), act);
const stream = new EventSource(`/generic/events?${new URLSearchParams({ page, session })}`);
let gone = false;
let onBreak = false;
/** @type {Call[]} */
let calls = [];

stream.addEventListener("message", (event) => handle(JSON.parse(event.data)));
stream.addEventListener("error", () => {
  if (gone) return;
  if (stream.readyState === EventSource.CLOSED) leave(_("The switchboard does not know this session. Log in again."));
  else show("connecting");
});
addEventListener("pagehide", () => send("leave", {}));
addEventListener("pageshow", (event) => event.persisted && location.reload());
byId("dialler").addEventListener("submit", dial);
byId("pad-toggle").addEventListener("click", togglePad);
byId("pad").addEventListener("click", press);
byId("break").addEventListener("click", () => send("break", { on_break: !onBreak }));
setInterval(measure, STATS_EVERY_MS);
prepareMicrophone();

/** @param {SwitchboardEvent} event */
function handle(event) {
  if (event.gone) return leave(_(event.gone));
  if (event.message) tellParent(event.message);
  if (event.stranded) {
    notice(_("A call of an earlier page is still open. Its sound is lost; the other side or a supervisor ends it."));
  }
  onBreak = event.on_break ?? onBreak;
  calls = event.calls ?? calls;
  draw();
}

/** The vendor posts JSON as text. Any page may embed this one, so the target is any origin.
 * @param {object} message */
function tellParent(message) {
  if (window.parent !== window) window.parent.postMessage(JSON.stringify(message), "*");
}

/** A break is for the next calls: one that is up goes on, and may still be dialled. */
function draw() {
  list.show(calls);
  sound.follow(calls);
  ringer.ring(calls.some((call) => call.state === "ringing") && !calls.some((call) => call.state === "talking"));
  show(FIRST.find((state) => calls.some((call) => call.state === state)) ?? (onBreak ? "break" : "ready"));
  byId("break").classList.toggle("on-break", onBreak);
  /** @type {HTMLElement} */ (byId("break").querySelector("span")).textContent = onBreak ? _("Available") : _("Break");
}

/** @param {string} state */
function show(state) {
  document.body.dataset.callState = state;
  byId("state").textContent = WORDS[/** @type {keyof typeof WORDS} */ (state)];
}

/** @param {string} reason */
function leave(reason) {
  gone = true;
  stream.close();
  calls = [];
  draw();
  show("gone");
  notice(reason);
  byId("dialler").hidden = byId("break").hidden = true;
}

/** A button of a call; `fields` hold the queue, the colleague or the key that it names.
 * @param {Call} call @param {string} action @param {{queue?: string, agent?: string, digits?: string}} fields */
function act(call, action, fields) {
  ringer.wake();
  if (fields.digits) sound.sendDigit(fields.digits);
  if (action === "mute") return list.showMuted(call.id, sound.toggleMute(call.id));
  return send(`calls/${call.id}/${action === "cancel" ? "hang-up" : action}`, fields);
}

/** @param {Event} event */
async function dial(event) {
  event.preventDefault();
  const field = /** @type {HTMLInputElement} */ (byId("number"));
  if (await send("dial", { number: field.value })) field.value = "";
}

function togglePad() {
  const open = byId("pad").classList.toggle("open");
  byId("pad-toggle").setAttribute("aria-expanded", String(open));
}

/** A key of the dial pad; those of a call are on its card. @param {Event} event */
function press(event) {
  const digit = /** @type {HTMLElement} */ (event.target).dataset.digit;
  if (!digit) return;
  const field = /** @type {HTMLInputElement} */ (byId("number"));
  field.value += digit;
}

/** @param {string} path @param {object} fields @returns {Promise<boolean>} did it work? */
async function send(path, fields) {
  try {
    const answer = await fetch(`/generic/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...fields, page, session }),
      keepalive: true,
    });
    const refusal = answer.ok ? "" : _((await answer.json().catch(() => null))?.error ?? "That did not work.");
    notice(refusal);
    return answer.ok;
  } catch {
    notice(_("The switchboard does not answer."));
    return false;
  }
}

async function prepareMicrophone() {
  const refusal = await askForMicrophone();
  document.body.dataset.microphone = refusal ? "refused" : "granted";
  if (refusal) notice(`${refusal} ${_("Calls go through, but the other side hears silence.")}`);
}

async function measure() {
  document.body.dataset.packetsSent = String(await sound.packetsSent());
}

/** @param {string} text */
function notice(text) {
  byId("notice").textContent = text;
  byId("notice").hidden = !text;
}

/** A page embedded over plain http has no crypto.randomUUID. */
function newId() {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("");
}

/** @param {string} id @returns {HTMLElement} */
function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}
