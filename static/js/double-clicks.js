// @ts-check
/** The second half of a double click is not a click: it would dial twice, or hold and resume. */

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button") : null;
  if (event.detail < 2 || !button?.closest(".dial, .call-actions, [data-once]")) return;
  event.preventDefault();
  event.stopPropagation();
}, { capture: true });
