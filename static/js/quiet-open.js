// @ts-check
/**
 * Opens a contact in #main because it is calling, but only where that takes nothing away: no
 * half-filled form, no field that is being typed in, no question that waits for an answer.
 */

/** @param {string | undefined} url */
export function openQuietly(url) {
  const main = document.getElementById("main");
  if (!url || !main || location.pathname === url || isInUse(main)) return;
  document.dispatchEvent(new CustomEvent("quiet-navigation"));
  void window.htmx.ajax("GET", url, {
    target: "#main",
    swap: "outerSync",
    push: "true",
    source: main,
  });
}

/** @param {HTMLElement} main */
function isInUse(main) {
  const active = document.activeElement;
  const typing = active instanceof HTMLElement && active.matches("input, textarea, select");
  return (
    main.querySelector("[data-dirty]") !== null ||
    document.querySelector("dialog[open]") !== null ||
    (typing && active.closest("#dock") === null)
  );
}
