// @ts-check
/** What the keyboard does beyond the browser's own: "/", the arrows in a list, Ctrl+Enter in a note. */

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
