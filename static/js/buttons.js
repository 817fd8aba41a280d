// @ts-check
/** What the page's own buttons and menus do without the server: copy, menus, the dock's two folds. */

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
