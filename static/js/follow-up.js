// @ts-check
/**
 * The day of a follow-up is saved when it is chosen. Whoever types a year passes the years 2, 20
 * and 202 on the way, and each of them is a change.
 */
const FIRST_YEAR = 2000;

document.addEventListener("change", (event) => {
  const field = event.target;
  if (!(field instanceof HTMLInputElement) || !field.matches("input[type=date][data-due]")) return;
  if (field.value && Number(field.value.slice(0, field.value.indexOf("-"))) < FIRST_YEAR) event.stopPropagation();
}, { capture: true });

// A day that was set in a card changes what is due; only the card's own answer tells.
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = /** @type {CustomEvent} */ (event).detail;
  const body = ctx?.request?.body;
  if (!(body instanceof FormData) || !body.has("follow_shown") || ctx.response?.status !== 200) return;
  document.body.dispatchEvent(new CustomEvent("follow-ups-changed"));
});
