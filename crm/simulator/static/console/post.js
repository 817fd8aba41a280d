// What the console's parts share: posting to the control API, the notice at the top, small helpers.

import { _ } from "../words.js";

/** @type {Record<string, string>} */
const shown = {};
/** @type {() => Promise<void>} */
let refresh = async () => {};

/** What is done after each post. @param {() => Promise<void>} done */
export function whenPosted(done) {
  refresh = done;
}

/** @param {string} path @param {object} body @returns {Promise<any>} the answer, or null */
export async function post(path, body) {
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

/** @param {string} text */
export function say(text) {
  byId("notice").textContent = text;
  byId("notice").hidden = !text;
}

/** Is it other data than the last time? @param {string} name @param {any} data */
export function changed(name, data) {
  const text = JSON.stringify(data);
  if (shown[name] === text) return false;
  shown[name] = text;
  return true;
}

/** @param {number} count as the reader's language groups it */
export function figure(count) {
  return count.toLocaleString(document.documentElement.lang);
}

/** The form's field of that name. @param {HTMLFormElement} form @param {string} name */
export function field(form, name) {
  return /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
}

/** @param {string} id @returns {HTMLElement} */
export function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}
