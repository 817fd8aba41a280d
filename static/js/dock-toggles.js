// @ts-check
/** Opens and closes the dock's sheet on narrow screens, and folds the softphone to its bar. */

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
