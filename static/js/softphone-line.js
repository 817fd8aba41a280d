// @ts-check
/**
 * What the dock says about the softphone, and when its iframe gets a new address.
 * The words come from the server with #softphone-line, which is swapped on a new login.
 */

const dock = document.getElementById("dock");
const agent = line()?.dataset.agent;

document.addEventListener("softphone:mounted", () => say("ready"));
document.addEventListener("softphone:elsewhere", () => say("elsewhere"));
document.addEventListener("softphone:message", () => markCalls());
document.addEventListener("softphone:idle", () => {
  markCalls();
  giveWay();
});
document.addEventListener("htmx:after:swap", () => takeAddress());
takeAddress();

/** A new telephony session means a new address; <agent-softphone> waits for the end of a call. */
function takeAddress() {
  const src = line()?.dataset.src;
  const phone = softphone();
  if (!phone || giveWay()) return;
  if (src && phone.getAttribute("src") !== src) phone.setAttribute("src", src);
  if (src && phone.mounted && !line()?.dataset.said) say("ready");
}

/** Somebody else has logged in inside this page: everything in it becomes theirs, but no call dies. */
function giveWay() {
  const isOther = line()?.dataset.agent !== agent;
  if (isOther && !softphone()?.busy) location.reload();
  return isOther;
}

/** @param {"ready" | "elsewhere"} state */
function say(state) {
  const place = line()?.querySelector("#softphone-state");
  const words = line()?.dataset[state];
  if (!place || !words || !line()?.dataset.src) return;
  place.textContent = words;
  place.className = `softphone-state is-${state}`;
  line()?.setAttribute("data-said", state);
}

/** base.html asks before the page is left while a call is up (see leave-guard.js). */
function markCalls() {
  if (softphone()?.busy) document.body.dataset.call = "up";
  else delete document.body.dataset.call;
}

function line() {
  return /** @type {HTMLElement | null} */ (dock?.querySelector("#softphone-line") ?? null);
}

/** @returns {import("./softphone.js").AgentSoftphone | null} */
function softphone() {
  return document.querySelector("agent-softphone");
}
