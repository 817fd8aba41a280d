// @ts-check
/**
 * Uploads a file of contacts in pieces, so that a long one needs no large request and a short break of
 * the network costs one piece. Without this script the form sends short files at once.
 * navigation.js loads it with the first page that has such a form.
 */
import { fetchInto, takeToken, token } from "./requests.js";

const TRIES = 5;
const PAUSE_MS = 1000;

/** What the server said no to, so that asking again is no use. */
class Refused extends Error {}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.matches("[data-upload]")) return;
  event.preventDefault();
  void upload(form);
});

/** @param {HTMLFormElement} form */
async function upload(form) {
  const file = /** @type {HTMLInputElement} */ (form.elements.namedItem("file")).files?.[0];
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
  if (!file || button.disabled) return;
  tell(form, "");
  if (file.size > Number(form.dataset.largest)) return tell(form, "large");
  button.disabled = true;
  try {
    const url = await sendPieces(form, file);
    if (form.isConnected) fetchInto(url, { target: "#main", swap: "outerSync", push: "true" });
  } catch (error) {
    tell(form, error instanceof Refused ? error.message : "lost");
  } finally {
    button.disabled = false;
    show(form, false);
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {File} file
 */
async function sendPieces(form, file) {
  const about = new FormData();
  about.set("name", file.name);
  about.set("size", String(file.size));
  const { url } = await (await send(form.dataset.upload ?? "", about)).json();
  const piece = Number(form.dataset.piece);
  show(form, true);
  for (let place = 0; place * piece < file.size; place++) {
    if (!form.isConnected) throw new Refused("lost");
    await send(`${url}/pieces/${place}`, file.slice(place * piece, (place + 1) * piece));
    progress(form, Math.min(1, ((place + 1) * piece) / file.size));
  }
  await send(`${url}/uploaded`, new FormData());
  return url;
}

/**
 * A piece that comes twice replaces itself, so one whose answer is lost is sent again.
 * @param {string} url
 * @param {FormData | Blob} body
 * @returns {Promise<Response>}
 */
async function send(url, body) {
  for (let attempt = 1; ; attempt++) {
    const answer = await asked(url, body);
    if (answer?.ok) return answer;
    if (answer?.status === 400) takeToken(answer.headers);
    else if (answer && answer.status < 500) throw new Refused(whyNot(answer.status));
    if (attempt === TRIES) throw new Refused("lost");
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * attempt));
  }
}

/**
 * @param {string} url
 * @param {FormData | Blob} body
 */
async function asked(url, body) {
  try {
    const headers = { "X-CSRFToken": token(), "HX-Request": "true" };
    return await fetch(url, { method: "POST", body, headers });
  } catch {
    return null; // no network
  }
}

/** @param {number} status */
function whyNot(status) {
  return { 401: "login", 413: "large" }[status] ?? "lost";
}

/**
 * @param {HTMLFormElement} form
 * @param {string} problem  the name of a <template data-problem>, "" for none
 */
function tell(form, problem) {
  const place = /** @type {HTMLElement} */ (form.querySelector("[data-upload-problem]"));
  const words = /** @type {HTMLTemplateElement | null} */ (
    place.querySelector(`[data-problem="${problem}"]`)
  );
  place.hidden = !words;
  place.querySelector(".notice-text")?.replaceChildren(words?.content.textContent ?? "");
}

/**
 * @param {HTMLFormElement} form
 * @param {boolean} visible
 */
function show(form, visible) {
  const bar = /** @type {HTMLElement} */ (form.querySelector("[data-upload-bar]"));
  bar.hidden = !visible;
  progress(form, 0);
}

/**
 * @param {HTMLFormElement} form
 * @param {number} part  0 to 1
 */
function progress(form, part) {
  const bar = form.querySelector("[data-upload-bar] progress");
  if (bar instanceof HTMLProgressElement) bar.value = 100 * part;
}
