// @ts-check
/**
 * What the browser wants before the agent can be told of a ring: leave for notifications, asked for by a
 * button and never by itself; a click on the page before it lets anything sound. The states are
 * attributes of <html>, by which the style sheet shows the words about them: in the dock, and in the
 * agent's settings.
 *
 *   data-notifications  granted, denied, default (not asked yet) or none (the browser has none)
 *   data-sound          blocked, until there was a click
 */

const LATER = "notifications-later";
const PAGE_IS_QUIET_AFTER_MS = 1000;
const SOUNDS_WITHIN_MS = 1000;

const state = document.documentElement.dataset;
let isTried = false;

if (localStorage.getItem(LATER)) state.notificationsLater = "";
showPermission();
void navigator.permissions?.query({ name: "notifications" }).then((status) => {
  status.addEventListener("change", showPermission); // by the browser's own settings, in any tab
});

document.addEventListener("click", async ({ target }) => {
  const button = target instanceof Element ? target.closest("button") : null;
  if (button?.matches("[data-allow-notifications]")) {
    await Notification.requestPermission();
    showPermission();
  } else if (button?.matches("[data-notifications-later]")) {
    localStorage.setItem(LATER, "yes");
    state.notificationsLater = "";
  } else if (button?.matches("[data-play-ring]")) {
    (await import("./ring-sound.js")).play({ again: false });
  }
});

// Only where the softphone is: its ring, too, is silent until then.
document.addEventListener("softphone:here", trySoon);
trySoon();

function showPermission() {
  state.notifications = window.Notification?.permission ?? "none";
}

function trySoon() {
  const phone = /** @type {import("./softphone.js").AgentSoftphone | null} */ (document.querySelector("agent-softphone"));
  if (!phone?.mounted || isTried) return;
  isTried = true;
  setTimeout(trySound, PAGE_IS_QUIET_AFTER_MS);
}

/** A click in the page before, as at the login, may have been enough: the browser knows. */
async function trySound() {
  if (navigator.userActivation?.hasBeenActive) return;
  const context = new AudioContext();
  await new Promise((done) => {
    context.addEventListener("statechange", done);
    setTimeout(done, SOUNDS_WITHIN_MS);
  });
  const isBlocked = context.state === "suspended";
  void context.close();
  if (!isBlocked || navigator.userActivation?.hasBeenActive) return;
  state.sound = "blocked";
  // A click in the softphone counts as well, and is seen here as the focus that goes there.
  for (const sign of ["pointerup", "keydown", "click"]) document.addEventListener(sign, unblock);
  window.addEventListener("blur", () => setTimeout(unblock));
}

function unblock() {
  if (navigator.userActivation?.hasBeenActive) delete state.sound;
}
