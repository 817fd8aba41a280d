// @ts-check
/**
 * Asks the agent, with the page's own dialog; its words are the <template>s of _client_words.html.
 * It is not modal, because a call that rings meanwhile must be answered all the same.
 */

/**
 * Whether the agent says yes. `words` is the id of a template, `text` replaces what it says.
 * A second question while one is open counts as "no".
 * @param {string} words
 * @param {string} [text]
 * @returns {Promise<boolean>}
 */
export function ask(words, text) {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("ask"));
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById(words));
  if (dialog.open) return Promise.resolve(false);
  fill("ask-title", template.dataset.title);
  fill("ask-text", text ?? template.content.textContent);
  fill("ask-yes", template.dataset.yes);
  dialog.returnValue = "no";
  dialog.show();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

document.getElementById("ask")?.addEventListener("keydown", (event) => {
  if (event.key === "Escape") /** @type {HTMLDialogElement} */ (event.currentTarget).close("no");
});

/**
 * @param {string} id
 * @param {string | null | undefined} text
 */
function fill(id, text) {
  const place = document.getElementById(id);
  if (place) place.textContent = text ?? "";
}
