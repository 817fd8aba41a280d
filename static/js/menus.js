// @ts-check
/** A <details data-menu> closes like a menu: by Escape, by a click elsewhere or on an entry. */

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

function openMenus() {
  return /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll("details[data-menu][open]"));
}
