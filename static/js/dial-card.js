// @ts-check
/**
 * The card of a dial. The CRM has dialled (dial.js): the card says so until the softphone takes the
 * call. If no answer came (failed-requests.js), it may have dialled, and the card says what is known.
 */
import { fetchCard, show, spokenOf } from "./call-panel.js";
import { post } from "./outbox.js";

const TAKEN_WITHIN_MS = 10_000;

document.addEventListener("dialled", awaitDial);
document.addEventListener("dial-unanswered", awaitDial);

/** @param {Event} event */
function awaitDial(event) {
  const { call } = /** @type {CustomEvent} */ (event).detail;
  void fetchCard(`/call-panel/${call}`).then((html) => show(call, html));
  setTimeout(() => {
    if (spokenOf.has(call)) return;
    document.dispatchEvent(new CustomEvent("dial-not-taken", { detail: { call } }));
    post({
      url: `/call-panel/${call}/not-taken`,
      body: {},
      arrived: (html) => show(call, html),
    });
  }, TAKEN_WITHIN_MS);
}
