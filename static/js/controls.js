// @ts-check
/**
 * What the page's own buttons and menus do without the server: copy, menus, the dock's two folds, light or
 * dark. And floating notices that go by themselves: a "toast" event brings one, the server's HX-Trigger
 * {"toast": {"text": "…"}} or a script's own with the id of a template. The keyboard is keys.js's.
 */

const A_YEAR_SECONDS = 365 * 24 * 3600;
const SHOWN_FOR = 8000;

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
  const path = target.closest("fieldset")?.dataset.cookiePath;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `theme=${target.value}; Path=${path}; Max-Age=${A_YEAR_SECONDS}; SameSite=Lax${secure}`;
  document.dispatchEvent(new CustomEvent("theme-changed"));
});

document.addEventListener("toast", (event) => {
  const { text, template } = /** @type {CustomEvent} */ (event).detail ?? {};
  const notice = template ? fromTemplate(template) : fromText(text);
  if (!notice) return;
  document.getElementById("toasts")?.append(notice);
  setTimeout(() => notice.remove(), SHOWN_FOR);
});

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
