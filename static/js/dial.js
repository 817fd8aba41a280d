// @ts-check
/**
 * Click-to-call. Each click gets a call id of its own, so that the CRM dials once however often the
 * request arrives. The softphone is told to expect its `Dial` message under that id.
 *
 * A double click stays one dial: its second half is dropped here, a second request while one is under
 * way by `hx-sync="this:drop"` on the button's form, the rest by the server (dial.py).
 */

/** @typedef {{call: string, number: string}} Expected */

const WORD_STAYS_MS = 10_000;

// The softphone may be in another tab.
const channel = new BroadcastChannel("agent-softphone");
channel.addEventListener("message", ({ data }) => {
  if ("refused" in data) softphone()?.forget(data.refused);
  else if ("doubted" in data) softphone()?.doubt(data.doubted);
  else tell(data);
});

// The second half of a double click is not a click: it would dial twice, or hold and resume.
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button") : null;
  if (event.detail < 2 || !button?.closest(".dial, .call-actions")) return;
  event.preventDefault();
  event.stopPropagation();
}, { capture: true });

// Only of a request that is really sent: a second click while one is under way gets no further.
document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = /** @type {CustomEvent} */ (event).detail;
  const form = ctx.sourceElement;
  if (!(form instanceof HTMLElement) || !form.matches("form.dial")) return;
  const call = crypto.randomUUID();
  ctx.request.body.set("call", call);
  form.dataset.call = call;
  const expected = { call, number: String(ctx.request.body.get("number") ?? "") };
  tell(expected);
  channel.postMessage(expected);
});

// The server answers a refused dial with `dial-refused`; no message will come.
document.addEventListener("dial-refused", (event) => {
  const { call } = /** @type {CustomEvent} */ (event).detail;
  softphone()?.forget(call);
  channel.postMessage({ refused: call });
});

// The card says that the softphone did not take it (see call-panel.js).
document.addEventListener("dial-not-taken", (event) => {
  const { call } = /** @type {CustomEvent} */ (event).detail;
  softphone()?.doubt(call);
  channel.postMessage({ doubted: call });
});

// "Dialling…" beside the number gives way to the card, which knows how the call goes on.
document.addEventListener("softphone:message", clearWords);
document.addEventListener("dialled", () => setTimeout(clearWords, WORD_STAYS_MS));

// A dial that was in doubt is none any more.
document.addEventListener("softphone:message", (event) => {
  const { call } = /** @type {CustomEvent} */ (event).detail;
  const place = document.querySelector(`form.dial[data-call="${call}"] .dial-status.is-error`);
  place?.replaceChildren();
  place?.classList.remove("is-error");
});

function clearWords() {
  for (const word of document.querySelectorAll(".dial-word:not(.is-error)")) word.remove();
}

/** @param {Expected} expected */
function tell({ call, number }) {
  softphone()?.expect(call, number);
}

/** @returns {import("./softphone.js").AgentSoftphone | null} */
function softphone() {
  return document.querySelector("agent-softphone");
}
