// @ts-check
/** A click on [data-copy] puts its text on the clipboard and says so. */

document.addEventListener("click", async ({ target }) => {
  const button = target instanceof Element ? target.closest("[data-copy]") : null;
  if (!button) return;
  await navigator.clipboard.writeText(button.getAttribute("data-copy") ?? "");
  const words = /** @type {HTMLTemplateElement | null} */ (document.getElementById("copied"));
  document.dispatchEvent(new CustomEvent("toast", { detail: { text: words?.content.textContent } }));
});
