// @ts-check
/**
 * /settings/checks: shows what checks.js has found, in the words that the page brings for it, and the
 * worst of all; tries the microphone out. navigation.js loads this with the first such page.
 */
import { look, note } from "./checks.js";
import { onHtmx } from "./requests.js";

/** @typedef {import("./checks.js").Found} Found */

const HEARD = 0.05; // of the loudest that a microphone can tell
const LISTENS_MS = 10_000;
const LOOKS_EVERY_MS = 50;
const CLOCKS_AGREE_MS = 30_000;
const FROM_THE_WORST = ["broken", "asking", "mend", "fine"];

document.addEventListener("browser-checked", (event) => show(/** @type {CustomEvent} */ (event).detail));
document.addEventListener("submit", ({ target }) => {
  if (target instanceof Element && target.matches("[data-check-again]")) check();
});
document.addEventListener("click", ({ target }) => {
  const button = target instanceof Element && target.closest("[data-try-microphone]");
  if (button instanceof HTMLButtonElement) void tryMicrophone(button);
});
onHtmx("htmx:after:swap", () => {
  if (page()?.dataset.worst === "asking" && !page()?.querySelector("[data-found]:not(template)")) check();
  else sumUp();
});
check();

function check() {
  if (!page()) return;
  void look();
  void compareClocks();
}

/** @param {Found} found */
function show(found) {
  for (const [check, word] of Object.entries(found)) say(check, word);
  sumUp();
}

/**
 * @param {string} check
 * @param {string} word
 */
function say(check, word) {
  const row = document.getElementById(`check-${check}`);
  const answer = /** @type {HTMLTemplateElement | null} */ (
    page()?.querySelector(`template[data-check="${check}"][data-found="${CSS.escape(word)}"]`)
  );
  if (!row || !answer || row.dataset.found === word) return;
  row.dataset.found = word;
  row.dataset.state = answer.dataset.state;
  row.querySelector(".check-answer")?.replaceChildren(answer.content.cloneNode(true));
  const active = document.activeElement;
  const isGone = active instanceof HTMLElement && row.contains(active) && !active.offsetParent;
  if (isGone) row.querySelector("h3")?.focus(); // its button is of no use any more
}

function sumUp() {
  const states = [...(page()?.querySelectorAll(".check") ?? [])].map((row) => /** @type {HTMLElement} */ (row).dataset.state);
  const worst = FROM_THE_WORST.find((state) => states.includes(state)) ?? "fine";
  const place = page();
  if (place && place.dataset.worst !== worst) place.dataset.worst = worst;
}

/** Afresh, by the time of an answer: the page's own measure is from when it came. */
async function compareClocks() {
  const sent = Date.now();
  try {
    const { headers } = await fetch(page()?.dataset.clock ?? "", { method: "HEAD", cache: "no-store" });
    const server = Date.parse(headers.get("Date") ?? "");
    const here = (sent + Date.now()) / 2;
    if (!server) note("clock", "unknown");
    else note("clock", Math.abs(server - here) > CLOCKS_AGREE_MS ? "wrong" : "right");
  } catch {
    note("clock", "unknown");
  }
}

/** Listens for some seconds and shows how loud it is. @param {HTMLButtonElement} button */
async function tryMicrophone(button) {
  const level = /** @type {HTMLElement | null} */ (button.parentElement?.querySelector(".check-level"));
  const meter = level?.querySelector("meter");
  if (!level?.hidden || !meter || !navigator.mediaDevices) return;
  level.hidden = false;
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    if (!(await listen(stream, meter)) && meter.isConnected) note("microphone", "silent");
  } catch (error) {
    const { name } = /** @type {Error} */ (error);
    if (name !== "NotAllowedError") note("microphone", name === "NotFoundError" ? "none" : "busy");
    else if ((await look()).microphone === "allowed") note("microphone", "system");
  }
  level.hidden = true;
}

/**
 * @param {MediaStream} stream
 * @param {HTMLMeterElement} meter
 * @returns {Promise<boolean>} whether anything was heard
 */
async function listen(stream, meter) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const until = Date.now() + LISTENS_MS;
  let isHeard = false;
  while (Date.now() < until && meter.isConnected) {
    analyser.getFloatTimeDomainData(samples);
    meter.value = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    if (!isHeard && meter.value > HEARD) {
      isHeard = true;
      note("microphone", "heard");
    }
    await new Promise((done) => { setTimeout(done, LOOKS_EVERY_MS); });
  }
  for (const track of stream.getTracks()) track.stop();
  void context.close();
  return isHeard;
}

/** @returns {HTMLElement | null} */
function page() {
  return document.querySelector("#main [data-checks]");
}
