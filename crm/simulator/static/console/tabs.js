// Tabs as the WAI-ARIA pattern has them: arrow keys move, what is chosen stays in the address.

const tabs = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('[role="tab"]')]);

for (const tab of tabs) tab.addEventListener("click", () => choose(tab));
document.getElementById("tabs")?.addEventListener("keydown", move);
const named = tabs.find((tab) => tab.id === `tab-${location.hash.slice(1)}`);
if (named) choose(named);

/** @param {HTMLElement} chosen */
function choose(chosen) {
  for (const tab of tabs) {
    tab.setAttribute("aria-selected", String(tab === chosen));
    tab.tabIndex = tab === chosen ? 0 : -1;
    const panel = document.getElementById(tab.getAttribute("aria-controls") ?? "");
    if (panel) panel.hidden = tab !== chosen;
  }
  history.replaceState(null, "", `#${chosen.id.replace("tab-", "")}`);
}

/** @param {KeyboardEvent} event */
function move(event) {
  const at = tabs.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1 + tabs.length, Home: 0, End: tabs.length - 1 }[event.key];
  if (at < 0 || to === undefined) return;
  event.preventDefault();
  const tab = tabs[to % tabs.length];
  choose(tab);
  tab.focus();
}
