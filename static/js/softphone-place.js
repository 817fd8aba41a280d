// @ts-check
/**
 * Which of this browser's tabs has the softphone. <agent-softphone> gives it to the tab that waits
 * longest when the one that has it closes. "Bring it here" sends every other tab to the end of that
 * queue, the one that has it too, unless a call would be lost by it.
 *
 * Of an agent's browsers, too, one has the softphone; the server says which (softphone_place.py), and
 * #softphone-line has data-other-browser where it is not. The tab that has it says so every few seconds,
 * and when it is closed, so that the agent's other browsers need not wait.
 */
import { isOurs, takeToken, token } from "./requests.js";
import { isSignedOut, isThere } from "./still-there.js";

const SAY_EVERY_MS = 10_000;

const CALL = "#call-panel > .call-card:is(.is-ringing, .is-dialling, .is-talking, .is-held)";

const otherTabs = new BroadcastChannel("softphone-place");
otherTabs.addEventListener("message", ({ data }) => {
  if (data === "bring") stepBack();
  else if (!document.hidden) toast("softphone-in-use"); // the tab that has asked
});

document.addEventListener("click", ({ target }) => {
  const button = target instanceof Element && target.closest("[data-bring-softphone]");
  if (button) otherTabs.postMessage("bring");
});

// Another browser has taken it. The line, asked for anew, says so.
document.addEventListener("softphone-taken", () => {
  if (softphone()?.hasAttribute("src")) document.body.dispatchEvent(new CustomEvent("softphone-renewed"));
});
document.addEventListener("htmx:after:swap", () => {
  const isElsewhere = document.querySelector("#softphone-line[data-other-browser]") !== null;
  if (isElsewhere) softphone()?.removeAttribute("src"); // of a call that is up it waits for the end
});

setInterval(() => {
  if (isThere() && !isSignedOut()) void say("here");
}, SAY_EVERY_MS);
window.addEventListener("pagehide", () => void say("leave"));

/** @param {"here" | "leave"} what */
async function say(what) {
  const line = document.getElementById("softphone-line");
  if (!line || !softphone()?.querySelector("iframe")) return;
  try {
    const headers = { "HX-Request": "true", "X-CSRFToken": token() };
    const answer = await fetch(String(line.dataset[what]), { method: "POST", headers, keepalive: true });
    if (!isOurs(answer.headers)) return;
    if (answer.status === 400) takeToken(answer.headers);
    if (answer.headers.get("X-Softphone") === "elsewhere") {
      document.dispatchEvent(new CustomEvent("softphone-taken"));
    }
  } catch {
    // said again
  }
}

/** An element that leaves the page gives up its place, and takes the last one when it comes back. */
function stepBack() {
  const phone = softphone();
  const isDialling = document.querySelector(`${CALL}, form.dial.htmx-request`) !== null;
  if (phone?.mounted && (phone.busy || isDialling)) otherTabs.postMessage("in use");
  else phone?.replaceWith(phone);
}

/** @param {string} template */
function toast(template) {
  document.dispatchEvent(new CustomEvent("toast", { detail: { template } }));
}

/** @returns {import("./softphone.js").AgentSoftphone | null} */
function softphone() {
  return document.querySelector("agent-softphone");
}
