// @ts-check
/**
 * What this browser can tell about itself before a call, and the light in the dock that shows the worst
 * of it. Nothing here asks the agent, the server or the vendor. navigation.js loads this some
 * seconds after the page; it looks again when a permission, a device, the network or the softphone changes.
 *
 * The words that each check can find are the keys of the table in crm/pages/settings/checks/in_browser.py;
 * /settings/checks shows them (checks-page.js), the light only which of them are bad.
 */
import { onServersClock } from "./outbox.js";
import { isSignedOut, isThere } from "./still-there.js";

/** @typedef {Record<string, string>} Found  a word for each check */

const CLOCKS_AGREE_MS = 30_000;
const NEARLY_FULL = 0.95;
const AT_MOST_EVERY_MS = 1000;
// Chrome 142 had one permission for both networks; another browser knows none of them.
const LOCAL_NETWORKS = ["local-network", "loopback-network", "local-network-access"];

/** @type {Record<string, () => string | Promise<string>>} */
const CHECKS = { secure, network, microphone, sound, notifications, storage, local_network: localNetwork, clock, session };

/** @type {Map<string, Promise<PermissionStatus | null>>} */
const permissions = new Map();
/** @type {Found} what trying something out has shown; until the next change */
let tried = {};
/** @type {Found} */
let found = {};
let hasTold = false;
let isPlanned = false;

for (const change of ["online", "offline", "focus"]) window.addEventListener(change, soon);
navigator.mediaDevices?.addEventListener("devicechange", forgetMicrophone);
document.addEventListener("softphone:message", () => { hasTold = true; });
for (const change of ["here", "elsewhere", "loading", "mounted", "message"]) {
  document.addEventListener(`softphone:${change}`, soon);
}
for (const change of ["key-tried", "logged-out", "logged-in", "language-changed"]) document.addEventListener(change, soon);
document.addEventListener("click", soon, { once: true }); // from now on the page may sound
// told-of-a-ring.js says there what it knows about sound and notifications
new MutationObserver(soon).observe(document.documentElement, { attributeFilter: ["data-sound", "data-notifications"] });
void look();

/** Look, and tell the page and the light. */
export async function look() {
  const words = await Promise.all(Object.entries(CHECKS).map(async ([id, find]) => [id, await find()]));
  found = { .../** @type {Found} */ (Object.fromEntries(words)), ...tried };
  draw();
  document.dispatchEvent(new CustomEvent("browser-checked", { detail: found }));
  return found;
}

/**
 * Something was tried, and says more than the browser by itself.
 * @param {string} check
 * @param {string} word
 */
export function note(check, word) {
  tried = { ...tried, [check]: word };
  void look();
}

/** Not more than once a second: the softphone may be talkative. */
function soon() {
  if (isPlanned) return;
  isPlanned = true;
  setTimeout(() => {
    isPlanned = false;
    void look();
  }, AT_MOST_EVERY_MS);
}

/** The names of what is bad stand in the light; the style sheet shows the broken ones. */
function draw() {
  const light = document.getElementById("checks-light");
  if (!light) return;
  let worst = "fine";
  for (const name of /** @type {NodeListOf<HTMLElement>} */ (light.querySelectorAll("[data-check]"))) {
    const { check = "", broken = "", mend = "" } = name.dataset;
    const [isBroken, isToMend] = [broken, mend].map((words) => words.split(" ").includes(found[check]));
    if (isBroken) worst = "broken";
    else if (isToMend && worst === "fine") worst = "mend";
    name.hidden = !isBroken && !isToMend;
    name.classList.toggle("is-broken", isBroken);
  }
  light.dataset.state = worst;
}

function secure() {
  return window.isSecureContext ? "secure" : "insecure";
}

function network() {
  return isThere() ? "there" : "offline";
}

async function microphone() {
  const permission = await stateOf("microphone", forgetMicrophone);
  if (permission === "denied") return "denied";
  const devices = await navigator.mediaDevices?.enumerateDevices(); // none on plain http
  if (devices && !devices.some(({ kind }) => kind === "audioinput")) return "none";
  return { granted: "allowed", prompt: "asks" }[String(permission)] ?? "unknown";
}

/** told-of-a-ring.js has tried it, where the softphone is. */
function sound() {
  if (document.documentElement.dataset.sound === "blocked") return "blocked";
  return navigator.userActivation?.hasBeenActive ? "allowed" : "unknown";
}

async function notifications() {
  await stateOf("notifications", soon); // watched for its changes alone
  return window.Notification?.permission ?? "none";
}

async function storage() {
  try {
    sessionStorage.setItem("checked", "yes"); // as the local one, but other tabs hear nothing of it
  } catch {
    return "blocked";
  }
  if (!navigator.cookieEnabled) return "blocked";
  const { usage = 0, quota = Infinity } = (await navigator.storage?.estimate()) ?? {};
  return usage > NEARLY_FULL * quota ? "full" : "kept";
}

async function localNetwork() {
  const states = await Promise.all(LOCAL_NETWORKS.map((name) => stateOf(name, soon)));
  return ["denied", "prompt", "granted"].find((state) => states.includes(/** @type {PermissionState} */ (state))) ?? "unknown";
}

/** As measured when the page came (outbox.js). */
function clock() {
  const now = new Date().toISOString();
  const ahead = Date.parse(onServersClock(now)) - Date.parse(now);
  return Math.abs(ahead) > CLOCKS_AGREE_MS ? "wrong" : "right";
}

/** The vendor's page does not say whether it is signed in: the line in the dock says what is known. */
function session() {
  const line = document.getElementById("softphone-line");
  const state = line?.querySelector("#softphone-state")?.classList;
  if (isSignedOut()) return "out";
  if (state?.contains("is-call") || hasTold) return "used";
  if (state?.contains("is-elsewhere") || line?.dataset.otherBrowser) return "elsewhere";
  if (line?.dataset.problem) return line.dataset.src ? "no_answer" : "refused";
  return state?.contains("is-connected") ? "accepted" : "connecting";
}

/** Another device, another permission: what was heard before says nothing any more. */
function forgetMicrophone() {
  tried = {};
  soon();
}

/**
 * "granted", "denied" or "prompt"; null where the browser does not know this permission.
 * @param {string} name
 * @param {() => void} onChange
 */
async function stateOf(name, onChange) {
  const status = await (permissions.get(name) ?? watch(name, onChange));
  return status?.state ?? null;
}

/**
 * @param {string} name
 * @param {() => void} onChange
 */
function watch(name, onChange) {
  const asked = (async () => {
    try {
      const status = await navigator.permissions.query({ name: /** @type {PermissionName} */ (name) });
      status.addEventListener("change", onChange);
      return status;
    } catch {
      return null;
    }
  })();
  permissions.set(name, asked);
  return asked;
}
