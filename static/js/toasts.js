// @ts-check
/**
 * Floating notices that go by themselves. A "toast" event brings one: the server's
 * HX-Trigger {"toast": {"text": "…"}}, or a script's own with the id of a template.
 */

const SHOWN_FOR = 8000;

document.addEventListener("toast", (event) => {
  const { text, template } = /** @type {CustomEvent} */ (event).detail ?? {};
  const notice = template ? fromTemplate(template) : fromText(text);
  if (!notice) return;
  document.getElementById("toasts")?.append(notice);
  setTimeout(() => notice.remove(), SHOWN_FOR);
});

/**
 * @param {string} id
 * @returns {Element | null}
 */
function fromTemplate(id) {
  const template = /** @type {HTMLTemplateElement | null} */ (document.getElementById(id));
  const copy = /** @type {DocumentFragment | undefined} */ (template?.content.cloneNode(true));
  return copy?.firstElementChild ?? null;
}

/** @param {string} [text] */
function fromText(text) {
  if (!text) return null;
  const notice = document.createElement("div");
  notice.className = "notice";
  notice.textContent = text;
  return notice;
}
