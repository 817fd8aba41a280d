// @ts-check
// What the page says, in the language that it was sent in: its texts are in <script id="words">.

/** @type {Record<string, string>} */
const words = JSON.parse(document.getElementById("words")?.textContent ?? "{}");

/**
 * @param {string} text in English; also a sentence of the server's
 * @param {Record<string, string | number>} [values] of the places that it names like %(agent)s
 */
export function _(text, values = {}) {
  return (words[text] || text).replace(/%\((\w+)\)s/g, (place, name) => String(values[name] ?? place));
}
