// @ts-check
/**
 * The demo's guided tour, and its reset. The tour plays the scenes of scenes.js one after the other:
 * shows and perhaps speaks a caption, does the step, waits until the page shows it, and goes on after
 * a while or, paused, at Next. A page that is loaded anew begins its scene again.
 */
import { SCENES, clearDesk } from "./scenes.js";

const LOOKS_EVERY_MS = 150;
const HINT_AFTER_MS = 8000;
const READING_MS_A_LETTER = 100;
const SHORTEST_READING_MS = 6000;
const SPEAKS_AT_MOST_MS = 30_000;
const ASKS_FOR_RESET_EVERY_MS = 2000;
const KEPT = "tour";

class Gone extends Error {}

const place = part("tour");
/** Counts up whenever what is played is over: whoever waits then with an older number is gone. */
let run = 0;
let at = { scene: 0, step: 0 };
let plays = true;
let speaks = false;
let quick = false;
/** Ends the waiting of this moment. */
let goOn = () => {};

const asked = new URLSearchParams(location.search).get("tour");
if (asked && part("dock")) {
  history.replaceState(history.state, "", location.pathname);
  quick = asked === "quick";
  start({ scene: 0, step: 0 });
} else if (sessionStorage.getItem(KEPT) && part("dock")) {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
  ({ plays, quick } = kept);
  start({ scene: kept.scene, step: 0 });
}

document.addEventListener("click", ({ target }) => {
  if (!(target instanceof Element)) return;
  const pressed = target.closest("[data-tour]")?.getAttribute("data-tour");
  if (pressed) press(pressed);
  if (target.closest("[data-tour-start]")) {
    target.closest("details")?.removeAttribute("open");
    start({ scene: 0, step: 0 });
  }
  if (target.closest("[data-demo-reset]")) {
    target.closest("details")?.removeAttribute("open");
    dialog().showModal();
  }
  if (target.closest("#demo-ask-no")) dialog().close();
  if (target.closest("#demo-ask-yes")) void reset();
});

/** @param {string} button */
function press(button) {
  if (button === "next") goOn();
  else if (button === "back") start({ scene: Math.max(0, at.step > 0 ? at.scene : at.scene - 1), step: 0 });
  else if (button === "stop") void stop();
  else if (button === "speak") {
    speaks = !speaks;
    speechSynthesis.cancel();
    part("tour")?.querySelector("[data-tour=speak]")?.setAttribute("aria-pressed", String(speaks));
  } else {
    plays = button === "play";
    showButtons();
    if (plays) goOn();
  }
}

/** @param {{scene: number, step: number}} from */
function start(from) {
  at = from;
  if (place) place.hidden = false;
  document.body.classList.add("has-tour");
  showButtons();
  fetchSoftphone();
  void play(++run);
}

/** From another tab or browser: the story is told where it is watched. */
function fetchSoftphone() {
  const line = part("softphone-line");
  const [there] = /** @type {NodeListOf<HTMLElement>} */ (
    line?.querySelectorAll("[hx-post$='/softphone/take'], .is-elsewhere ~ [data-bring-softphone]") ?? []
  );
  there?.click();
}

/** @param {number} mine */
async function play(mine) {
  try {
    while (at.scene < SCENES.length) {
      sessionStorage.setItem(KEPT, JSON.stringify({ scene: at.scene, plays, quick }));
      const { name, steps } = SCENES[at.scene];
      say(`title-${name}`, steps[0].say);
      await skippable(mine, clearDesk);
      for (at.step = 0; at.step < steps.length; at.step++) {
        say(`title-${name}`, steps[at.step].say);
        const spoken = speak();
        await skippable(mine, steps[at.step].play);
        place?.setAttribute("data-shown", steps[at.step].say);
        const isLast = at.scene === SCENES.length - 1 && at.step === steps.length - 1;
        await toBeRead(mine, spoken, isLast);
      }
      at = { scene: at.scene + 1, step: 0 };
    }
    await stop();
  } catch (error) {
    if (!(error instanceof Gone)) throw error;
  }
}

/**
 * A step, unless Next is pressed while it waits; then it does nothing more.
 * @param {number} mine
 * @param {(t: import("./scenes.js").Teller) => Promise<void>} step
 */
async function skippable(mine, step) {
  let skipped = false;
  const skip = new Promise((done) => {
    goOn = () => {
      skipped = true;
      done(undefined);
    };
  });
  const hint = setTimeout(showHint, HINT_AFTER_MS);
  try {
    await Promise.race([step(tellerOf(() => skipped || mine !== run)), skip]);
  } catch (error) {
    if (error instanceof Gone) throw error;
    showHint();
    if (!skipped) await skip;
  } finally {
    clearTimeout(hint);
    if (part("tour-hint")) /** @type {HTMLElement} */ (part("tour-hint")).hidden = true;
  }
  if (mine !== run) throw new Gone();
}

/**
 * Long enough to read it, or until Next while paused.
 * @param {number} mine
 * @param {Promise<unknown>} spoken
 * @param {boolean} isLast
 */
async function toBeRead(mine, spoken, isLast) {
  const text = part("tour-caption")?.textContent ?? "";
  const pressed = new Promise((done) => {
    goOn = () => done(undefined);
  });
  const read = wait(quick ? 0 : Math.max(SHORTEST_READING_MS, text.length * READING_MS_A_LETTER));
  const over = Promise.all([read, spoken]).then(() => (plays && !isLast ? undefined : pressed));
  await Promise.race([pressed, over]);
  if (mine !== run) throw new Gone();
}

/**
 * @param {() => boolean} isOver  whether nobody waits for the step any more
 * @returns {import("./scenes.js").Teller}
 */
function tellerOf(isOver) {
  return {
    word,
    ask: (path, wish) => request(`/demo/tour/${path}`, wish),
    state: () => request("/demo/tour/state"),
    async until(fulfilled) {
      while (!(await fulfilled())) {
        await wait(LOOKS_EVERY_MS);
        if (isOver()) throw new Gone();
      }
    },
  };
}

/** Leaves the desk clean: no call, no card, nothing spoken. */
async function stop() {
  const mine = ++run;
  sessionStorage.removeItem(KEPT);
  if ("speechSynthesis" in window) speechSynthesis.cancel();
  if (place) place.hidden = true;
  document.body.classList.remove("has-tour");
  await clearDesk(tellerOf(() => mine !== run)).catch((error) => {
    if (!(error instanceof Gone)) console.warn("The tour could not clear the desk", error);
  });
}

/**
 * @param {string} path
 * @param {object} [wish]
 */
async function request(path, wish) {
  const token = document.querySelector("meta[name=csrf-token]")?.getAttribute("content") ?? "";
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
  const answer = await fetch(path, wish ? { method: "POST", headers, body: JSON.stringify(wish) } : undefined);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.headers.get("Content-Type")?.includes("json") ? answer.json() : answer.text();
}

/** @param {string[]} names of the title and of the caption */
function say(...names) {
  const [title, caption] = names.map(word);
  show("tour-number", `${at.scene + 1}/${SCENES.length}`);
  show("tour-title", title);
  show("tour-caption", caption);
}

/** Says the caption aloud; over when it was said, at once where nothing speaks. */
function speak() {
  const text = part("tour-caption")?.textContent ?? "";
  if (!speaks || quick) return Promise.resolve();
  speechSynthesis.cancel();
  const words = new SpeechSynthesisUtterance(text);
  words.lang = document.documentElement.lang;
  words.voice = voice() ?? null;
  const said = new Promise((done) => {
    words.onend = words.onerror = () => done(undefined);
  });
  speechSynthesis.speak(words);
  return Promise.race([said, wait(SPEAKS_AT_MOST_MS)]);
}

function voice() {
  if (!("speechSynthesis" in window)) return undefined;
  return speechSynthesis.getVoices().find(({ lang }) => lang.startsWith(document.documentElement.lang));
}

function showButtons() {
  for (const [name, hidden] of /** @type {const} */ ([["pause", !plays], ["play", plays], ["speak", !voice()]])) {
    const button = place?.querySelector(`[data-tour=${name}]`);
    if (button instanceof HTMLElement) button.hidden = hidden;
  }
}

async function showHint() {
  const state = await request("/demo/tour/state").catch(() => null);
  show("tour-hint", word(state && state.softphone !== "offline" ? "hint" : "hint-softphone"));
  const hint = part("tour-hint");
  if (hint) hint.hidden = false;
}

async function reset() {
  leave();
  try {
    await request("/demo/reset", {});
  } catch (error) {
    console.warn(error);
    const failed = part("demo-ask-failed");
    if (failed) failed.hidden = false;
    return;
  }
  loadAnew();
}

/** Nothing is heard, kept or asked any more: what was, is about to be gone. */
function leave() {
  run++;
  sessionStorage.removeItem(KEPT);
  document.querySelector("agent-softphone")?.remove();
  window.addEventListener("beforeunload", (event) => event.stopImmediatePropagation(), { capture: true });
}

function loadAnew() {
  location.replace(part("dock") ? "/contacts" : "/login");
}

// A reset in another window.
const known = place?.dataset.generation;
setInterval(async () => {
  const now = await request("/demo/generation").catch(() => known);
  if (now === known || dialog().open) return;
  leave();
  loadAnew();
}, ASKS_FOR_RESET_EVERY_MS);

if ("speechSynthesis" in window) speechSynthesis.addEventListener("voiceschanged", showButtons);

/** @param {number} ms */
function wait(ms) {
  return new Promise((done) => setTimeout(done, ms));
}

/** @param {string} name */
function word(name) {
  const words = /** @type {HTMLTemplateElement | null} */ (document.getElementById("tour-words"));
  return words?.content.querySelector(`[data-word="${name}"]`)?.textContent ?? "";
}

/**
 * @param {string} id
 * @param {string} text
 */
function show(id, text) {
  const shown = part(id);
  if (shown && shown.textContent !== text) shown.textContent = text;
}

/** @param {string} id */
function part(id) {
  return document.getElementById(id);
}

function dialog() {
  return /** @type {HTMLDialogElement} */ (part("demo-ask"));
}
