// @ts-check
/**
 * <agent-softphone>: the vendor's softphone in an iframe. Attributes in, events out. To use it in
 * your own CRM copy this file and softphone-calls.js beside it; nothing else is needed.
 *
 *   <agent-softphone src="https://…?tenant=…&session=…" allow="microphone; autoplay"></agent-softphone>
 *
 * Put it where nothing is ever swapped out, because an iframe that leaves the page ends its call. It is
 * 440 px high and as wide as its place; a rule for `agent-softphone` in your own CSS changes that.
 * A Content-Security-Policy needs `frame-src <origin of src>`; a Permissions-Policy needs
 * `microphone=(self "<origin of src>")`, and the same for `autoplay`. Without `self` Chrome refuses the
 * iframe too.
 *
 * Attributes
 *   src      the softphone's address, with `tenant` and `session`. A renewed session means a new
 *            address: set it at once. The iframe is loaded again with it; while a call rings or
 *            is up, or a dial is expected, it keeps the old one and is loaded again afterwards.
 *            Without `src` there is no iframe, but it never goes before the call is over.
 *   allow    the iframe's permissions.      title    its accessible name.
 *   sandbox  what the iframe may do, in HTML's own words. By default all that a softphone may need, but
 *            not lead your window elsewhere. "off": no sandbox.
 *
 * Events. All bubble. `detail.at` is the time in ISO 8601, UTC.
 *   softphone:message    a message that counts: {call, type, number, activecallkey, at}. `call` is an
 *                        id of our own, the same in all messages of a call. `type` is the vendor's:
 *                        IncomingCall, Dial, OutgoingActiveCallKey, Accept, Talking, Hangup
 *   softphone:idle       the last call is over
 *   softphone:here       this tab has the softphone. Of all tabs of a browser, one has it
 *   softphone:elsewhere  another tab has it. This one takes over when that one closes
 *   softphone:loading    the iframe gets an address
 *   softphone:mounted    the iframe is loaded. Its page tells nobody whether it is signed in
 *   softphone:dropped    a message that does not count, with the {reason}
 *
 * Properties
 *   mounted  this tab has the softphone.    busy  a call rings or is up: do not leave the page.
 *   onCall   a call is up that was accepted or dialled.    dropped  messages that did not count.
 *
 * Methods: `expect`, `doubt` and `forget`. A dial, and how a double click stays one:
 *   1. On a click make an id, and call `expect(id, number)`. The next `Dial` message for that number
 *      then carries the id as its `call`. Ignore further clicks while the request is under way, and the
 *      second half of a double click (`event.detail > 1`).
 *   2. Send the id with your request. Your server dials once for each id, however often the
 *      request arrives, and sends the vendor the id as `transactionid`.
 *   3. If your server or the vendor refuses, call `forget(id)`.
 *   4. If no `Dial` message comes within ten seconds, tell the agent, and call `doubt(id)`.
 */

import { Calls, FloodLimit, readMessage } from "./softphone-calls.js";

const LOCK = "agent-softphone";
// What the vendor's page needs is not known. So it gets all but what endangers the page around it.
const SANDBOX =
  "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox " +
  "allow-modals allow-downloads allow-storage-access-by-user-activation";
// A dial may take the vendor ten seconds to accept, and the softphone ten more to start.
const EXPECTED_FOR_MS = 20_000;

// A sheet made here is allowed under `style-src 'self'`. `:where` lets any rule of the page win.
const sheet = new CSSStyleSheet();
sheet.replaceSync(
  ":where(agent-softphone) { display: block; height: 440px }" +
    ":where(agent-softphone > iframe) { display: block; width: 100%; height: 100%; border: 0 }",
);
document.adoptedStyleSheets.push(sheet);

export class AgentSoftphone extends HTMLElement {
  static observedAttributes = ["src"];

  /** @type {Record<string, number>} how many messages were dropped, by reason */
  dropped = {};

  /** @type {HTMLIFrameElement | null} */
  #frame = null;
  #calls = new Calls();
  #flood = new FloodLimit(
    this.#calls,
    (message) => this.#take(message),
    () => this.#drop("flood"),
  );
  /** @type {(() => void) | null} */
  #giveUpLock = null;
  #removed = new AbortController();

  connectedCallback() {
    this.#removed = new AbortController();
    const { signal } = this.#removed;
    window.addEventListener("message", (event) => this.#receive(event), { signal });
    this.#takeLock(signal);
  }

  disconnectedCallback() {
    this.#removed.abort();
    this.#frame?.remove();
    this.#frame = null;
    this.#calls.clear();
    this.#flood.clear();
    this.#giveUpLock?.();
  }

  attributeChangedCallback() {
    this.#load();
  }

  get mounted() {
    return this.#frame !== null;
  }

  get busy() {
    return this.#calls.busy;
  }

  get onCall() {
    return this.#calls.onCall;
  }

  /**
   * You are about to dial: the next `Dial` message for that number is the call `id`.
   * @param {string} id
   * @param {string} number "" when the browser is not told the number, because it is withheld
   */
  expect(id, number) {
    this.#calls.expect(id, number);
    setTimeout(() => this.forget(id), EXPECTED_FOR_MS);
  }

  /**
   * The agent was told that the softphone did not take the dial. A newer dial to the same number
   * is now answered first.
   * @param {string} id
   */
  doubt(id) {
    this.#calls.doubt(id);
  }

  /**
   * The dial was refused: no `Dial` message will come.
   * @param {string} id
   */
  forget(id) {
    if (this.#calls.forget(id)) this.#load();
  }

  /**
   * The tab that holds the lock has the softphone; the others wait for it.
   * @param {AbortSignal} signal
   */
  #takeLock(signal) {
    if (!navigator.locks) {
      this.#mount(); // an insecure origin; the microphone will be refused there as well
      return;
    }
    let waiting = true;
    navigator.locks
      .request(LOCK, { signal }, () => {
        waiting = false;
        this.#mount();
        return new Promise((resolve) => {
          this.#giveUpLock = () => resolve(undefined);
        });
      })
      .catch(() => undefined); // the element was removed while it waited
    navigator.locks.query().then(({ held }) => {
      if (waiting && held?.some(({ name }) => name === LOCK)) this.#emit("elsewhere", {});
    });
  }

  #mount() {
    this.#frame = document.createElement("iframe");
    this.#frame.allow = this.getAttribute("allow") ?? "";
    const sandbox = this.getAttribute("sandbox") || SANDBOX;
    if (sandbox !== "off") this.#frame.setAttribute("sandbox", sandbox);
    this.#frame.title = this.getAttribute("title") ?? "Softphone";
    this.#frame.addEventListener("load", () => this.#emit("mounted", {}));
    this.#emit("here", {});
    this.#load();
  }

  /** Bring the iframe to the address in `src`, unless a call would be lost by it. */
  #load() {
    const src = this.getAttribute("src");
    if (!this.#frame || this.#frame.getAttribute("src") === src) return;
    const isThere = this.#frame.isConnected;
    if (isThere && (this.busy || this.#calls.dialling)) return;
    if (!src) {
      this.#frame.remove();
      this.#frame.removeAttribute("src");
      return;
    }
    this.#emit("loading", {});
    this.#frame.src = src;
    if (!isThere) this.append(this.#frame);
  }

  /** @param {MessageEvent} event */
  #receive(event) {
    const phone = this.#frame?.contentWindow; // none before there is an address
    if (!this.#frame || !phone || event.source !== phone) return this.#drop("window");
    if (event.origin !== new URL(this.#frame.src).origin) return this.#drop("origin");
    const message = readMessage(event.data); // a known type in sane lengths, or why it is none
    if (typeof message === "string") this.#drop(message);
    else this.#flood.receive(message);
  }

  /** @param {import("./softphone-calls.js").Message} message */
  #take(message) {
    const call = this.#calls.take(message); // our id for it, or why it does not count ("repeat")
    if (typeof call === "string") return this.#drop(call);
    this.#emit("message", { call: call.id, ...message, number: message.number || call.number });
    if (message.type === "Hangup" && !this.busy) {
      this.#emit("idle", {});
      this.#load();
    }
  }

  /** @param {string} reason */
  #drop(reason) {
    this.dropped[reason] = (this.dropped[reason] ?? 0) + 1;
    this.#emit("dropped", { reason });
  }

  /**
   * @param {string} name
   * @param {object} detail
   */
  #emit(name, detail) {
    const at = new Date().toISOString();
    this.dispatchEvent(
      new CustomEvent(`softphone:${name}`, { bubbles: true, detail: { ...detail, at } }),
    );
  }
}

customElements.define("agent-softphone", AgentSoftphone);
