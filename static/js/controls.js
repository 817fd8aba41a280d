// @ts-check
/**
 * What the page's own keys, buttons and menus do without the server: "/", the arrows in a list,
 * Ctrl+Enter in a note; copy, menus, the dock's two folds, light or dark. And floating notices that go by
 * themselves: a "toast" event brings one, the server's HX-Trigger {"toast": {"text": "…"}} or a script's
 * own with the id of a template.
 */

const A_YEAR_SECONDS = 365 * 24 * 3600;
const SHOWN_FOR = 8000;

// "/" puts the cursor into the page's own search field, else into the bar's.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target)) return;
  const field = document.querySelector("#main [data-page-search]") ?? document.querySelector("[data-search]");
  if (!(field instanceof HTMLInputElement)) return;
  event.preventDefault();
  field.focus();
  field.select();
});

// Arrow keys run through the rows of a list ([data-row]); down leads from a search field into it.
document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
  const next = neighbour(event.target, step);
  if (!next) return;
  event.preventDefault();
  next.focus();
});

// Ctrl+Enter (Cmd+Enter) in a note presses the form's "Done", when there is one.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const note = event.target;
  if (!(note instanceof HTMLTextAreaElement) || !note.matches("[data-done-key]")) return;
  const done = note.form?.querySelector("[data-done]");
  if (done instanceof HTMLButtonElement) done.click();
});

// A click on [data-copy] puts its text on the clipboard and says so.
document.addEventListener("click", async ({ target }) => {
  const button = target instanceof Element ? target.closest("[data-copy]") : null;
  if (!button) return;
  await navigator.clipboard.writeText(button.getAttribute("data-copy") ?? "");
  const words = /** @type {HTMLTemplateElement | null} */ (document.getElementById("copied"));
  document.dispatchEvent(new CustomEvent("toast", { detail: { text: words?.content.textContent } }));
});

// A <details data-menu> closes like a menu: by Escape, by a click elsewhere or on an entry.
document.addEventListener("click", ({ target }) => {
  for (const menu of openMenus()) {
    const inside = target instanceof Element && menu.contains(target);
    if (!inside || /** @type {Element} */ (target).closest("a")) menu.open = false;
  }
});

document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
});

// On narrow screens the dock is a sheet that opens; the softphone folds to its bar.
toggle("dock-toggle", "dock", "is-open", false);
toggle("softphone-fold", "softphone", "is-folded", true);

// Light or dark by choice, for this browser. The cookie tells the server, so no page flashes.
document.addEventListener("change", ({ target }) => {
  if (!(target instanceof HTMLInputElement) || !target.matches("[data-theme-choice]")) return;
  const root = document.documentElement;
  if (target.value) root.dataset.theme = target.value;
  else delete root.dataset.theme;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `theme=${target.value}; Path=/; Max-Age=${A_YEAR_SECONDS}; SameSite=Lax${secure}`;
  document.dispatchEvent(new CustomEvent("theme-changed"));
});

document.addEventListener("toast", (event) => {
  const { text, template } = /** @type {CustomEvent} */ (event).detail ?? {};
  const notice = template ? fromTemplate(template) : fromText(text);
  if (!notice) return;
  document.getElementById("toasts")?.append(notice);
  setTimeout(() => notice.remove(), SHOWN_FOR);
});

/** @param {EventTarget | null} target */
function isTyping(target) {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

/**
 * What gets the focus, or nothing when the key is not ours.
 * @param {EventTarget | null} from
 * @param {number} step
 */
function neighbour(from, step) {
  if (!(from instanceof HTMLElement)) return null;
  const rows = [...document.querySelectorAll("#main [data-row]")];
  const row = from.closest("[data-row]");
  if (row && !from.matches("input, select, textarea")) {
    const before = step < 0 && rows.indexOf(row) === 0;
    return before ? searchField() : handle(rows[rows.indexOf(row) + step]);
  }
  return step > 0 && from.matches("[data-search], [data-page-search]") ? handle(rows[0]) : null;
}

/**
 * A row's first link, which stands for the row.
 * @param {Element | undefined} row
 * @returns {HTMLElement | null}
 */
function handle(row) {
  return row?.querySelector("a[href], summary, button") ?? null;
}

/** @returns {HTMLElement | null} */
function searchField() {
  return document.querySelector("#main [data-page-search]");
}

/**
 * A button whose click sets a class; aria-expanded says what is seen.
 * @param {string} buttonId
 * @param {string} elementId
 * @param {string} className
 * @param {boolean} classHides
 */
function toggle(buttonId, elementId, className, classHides) {
  const button = document.getElementById(buttonId);
  button?.addEventListener("click", () => {
    const isSet = document.getElementById(elementId)?.classList.toggle(className) ?? false;
    button.setAttribute("aria-expanded", String(isSet !== classHides));
  });
}

function openMenus() {
  return /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll("details[data-menu][open]"));
}

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
