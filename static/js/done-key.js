// @ts-check
/** Ctrl+Enter (Cmd+Enter) in a note presses the form's "Done", when there is one. */

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const note = event.target;
  if (!(note instanceof HTMLTextAreaElement) || !note.matches("[data-done-key]")) return;
  const done = note.form?.querySelector("[data-done]");
  if (done instanceof HTMLButtonElement) done.click();
});
