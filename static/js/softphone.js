// @ts-check
/**
 * <agent-softphone src="https://…" allow="microphone; autoplay">: the vendor's softphone in an
 * iframe, and the only code that knows the vendor's messages. Attributes in, events out; copy this
 * file as it is into your own CRM.
 *
 * Attributes
 *   src      address of the softphone page with `tenant` and `session`. When it changes the iframe
 *            is loaded again, when it is taken away the iframe goes; but never while a call is up:
 *            then after the hangup.
 *   allow    permissions of the iframe. title: its accessible name.
 *   sandbox  what the page in it may do, in the words of HTML; by default all that a softphone may
 *            need, but not lead the window around it elsewhere. "off": everything, that too.
 *
 * Events, all bubbling CustomEvents; `detail.call` is an id of our own, because `Dial`, `Accept`
 * and `Talking` carry no key of the vendor's; `detail.at` is the time now in ISO 8601, UTC.
 *   softphone:message    each message that counts, as {call, type, number, activecallkey, at};
 *                        `type` keeps the vendor's word: IncomingCall, Dial, OutgoingActiveCallKey,
 *                        Accept, Talking, Hangup
 *   softphone:here       this tab has the softphone: it holds the one lock of this browser
 *   softphone:loading    the iframe gets an address
 *   softphone:mounted    the iframe is there and loaded. Its page tells nobody whether it is signed in
 *   softphone:elsewhere  another tab of this browser holds the softphone; this one waits for it
 *   softphone:idle       the last call is over
 *   softphone:dropped    a message did not count, as {reason}; also counted in `dropped`
 *
 * A page that floods its parent with calls cannot freeze it: beyond what a person can be called, the
 * beginnings of calls wait their turn, the newest of them. What is said about a call that is here,
 * and a dial that is expected, never waits.
 *
 * The message format was seen in working public clients; only `IncomingCall` and `activecallkey`
 * stand in the vendor's guide.
 */

/**
 * @typedef {{type: string, number: string, activecallkey: string}} Message
 * @typedef {{number: string, doubted: boolean}} Expected
 * @typedef {{id: string, activecallkey: string, number: string, stage: "offered" | "accepted" | "talking", outbound: boolean}} Call
 */

const KNOWN_TYPES = new Set([
  "IncomingCall",
  "Dial",
  "OutgoingActiveCallKey",
  "Accept",
  "Talking",
  "Hangup",
]);
const LONGEST_MESSAGE = 5000;
const LONGEST_NUMBER = 100;
const LONGEST_ADDRESS = 255; // "Name" <sip:number@host>
const LONGEST_KEY = 255;
const SAME_NUMBER_DIGITS = 7;
const TELLING_DIGITS = 9; // of a full number, the same in each way of writing it
const ENDED_KEPT = 1000;
// So many calls may begin at once, and then one more in this time; of more, so many wait.
const BEGIN_AT_ONCE = 20;
const NEXT_BEGINS_MS = 500;
const MOST_WAITING = 50;
// Not known of the vendor's page: what it needs. So all but what endangers the page around it.
const SANDBOX =
  "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox " +
  "allow-modals allow-downloads allow-storage-access-by-user-activation";
// A dial may take the vendor ten seconds to accept, and the softphone ten more to start.
const EXPECTED_FOR_MS = 20_000;

export class AgentSoftphone extends HTMLElement {
  static observedAttributes = ["src"];

  /** @type {Record<string, number>} how many messages were dropped, by reason */
  dropped = {};

  /** @type {HTMLIFrameElement | null} */
  #frame = null;
  /** @type {Map<string, Call>} calls that ring or are up, by our id, oldest first */
  #calls = new Map();
  /** @type {Map<string, string>} activecallkey -> our id, of calls that have ended */
  #ended = new Map();
  /** @type {Map<string, Expected>} dials that the CRM has sent, by our id, oldest first */
  #expected = new Map();
  /** @type {Message[]} beginnings of calls that came too fast, and what was said about them */
  #waiting = [];
  #mayBegin = BEGIN_AT_ONCE;
  #mayBeginAt = 0;
  /** @type {(() => void) | null} */
  #giveUpLock = null;
  #listening = new AbortController();

  connectedCallback() {
    this.#listening = new AbortController();
    window.addEventListener("message", (event) => this.#receive(event), {
      signal: this.#listening.signal,
    });
    this.#takeLock(this.#listening.signal);
  }

  disconnectedCallback() {
    this.#listening.abort();
    this.#frame?.remove();
    this.#frame = null;
    this.#calls.clear();
    this.#waiting = [];
    this.#giveUpLock?.();
  }

  attributeChangedCallback() {
    this.#load();
  }

  /** Whether this tab holds the softphone. */
  get mounted() {
    return this.#frame !== null;
  }

  /** Whether a call rings or is up. */
  get busy() {
    return this.#calls.size > 0;
  }

  /** Whether a call is up that was accepted here or dialled from here; not one that only rings. */
  get onCall() {
    return [...this.#calls.values()].some((call) => call.outbound || call.stage !== "offered");
  }

  /** Whether the CRM has sent a dial that the softphone has not spoken of yet. */
  get #dialling() {
    return this.#expected.size > 0;
  }

  /**
   * The CRM sends a dial under the id `call`: the next `Dial` message for that number is its.
   * @param {string} call
   * @param {string} number "" when the browser is not told the number, because it is withheld
   */
  expect(call, number) {
    this.#expected.set(call, { number, doubted: false });
    setTimeout(() => this.forget(call), EXPECTED_FOR_MS);
  }

  /**
   * The agent was told that the softphone did not take the dial: while a newer one for that number
   * is expected, a `Dial` message is the newer one's.
   * @param {string} call
   */
  doubt(call) {
    const dial = this.#expected.get(call);
    if (dial) dial.doubted = true;
  }

  /**
   * The dial was refused: no `Dial` message is expected any more.
   * @param {string} call
   */
  forget(call) {
    if (this.#expected.delete(call)) this.#load();
  }

  /**
   * One softphone for a browser, however many tabs: the tab that holds the lock has it.
   * @param {AbortSignal} signal
   */
  #takeLock(signal) {
    if (!navigator.locks) {
      this.#mount(); // an insecure origin; the microphone will be refused there as well
      return;
    }
    let waiting = true;
    navigator.locks
      .request("agent-softphone", { signal }, () => {
        waiting = false;
        this.#mount();
        return new Promise((resolve) => {
          this.#giveUpLock = () => resolve(undefined);
        });
      })
      .catch(() => undefined); // the element was taken out while it waited
    navigator.locks.query().then((state) => {
      const held = state.held?.some((lock) => lock.name === "agent-softphone");
      if (waiting && held) this.#emit("elsewhere", {});
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

  #load() {
    const src = this.getAttribute("src");
    if (!this.#frame || this.#frame.getAttribute("src") === src) return;
    const isThere = this.#frame.isConnected; // where none is yet, a call loses nothing
    if (isThere && (this.busy || this.#dialling)) return;
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
    const message = readMessage(event.data);
    if (typeof message === "string") return this.#drop(message);
    if (this.#comesTooFast(message)) this.#wait(message);
    else this.#take(message);
  }

  /** @param {Message} message */
  #take(message) {
    const call = this.#callOf(message);
    if (typeof call === "string") return this.#drop(call);
    this.#emit("message", { call: call.id, ...message, number: message.number || call.number });
    if (message.type === "Hangup" && !this.busy) {
      this.#emit("idle", {});
      this.#load();
    }
  }

  /** @param {Message} message */
  #comesTooFast(message) {
    const key = message.activecallkey;
    if (key && this.#waiting.some((one) => one.activecallkey === key)) return true;
    return this.#begins(message) && !this.#takeTurn();
  }

  /**
   * Whether the message is the first of a call; a dial that is expected was begun by the agent.
   * @param {Message} message
   */
  #begins({ type, number, activecallkey }) {
    if (type === "Dial") return this.#expectedFor(number) === undefined;
    if (type === "IncomingCall") return !activecallkey || !this.#byKey(activecallkey);
    if (type !== "Hangup" || !activecallkey) return false;
    return !this.#byKey(activecallkey) && !this.#ended.has(activecallkey);
  }

  #takeTurn() {
    const now = performance.now();
    const earned = (now - this.#mayBeginAt) / NEXT_BEGINS_MS;
    this.#mayBegin = Math.min(BEGIN_AT_ONCE, this.#mayBegin + earned);
    this.#mayBeginAt = now;
    if (this.#mayBegin < 1) return false;
    this.#mayBegin -= 1;
    return true;
  }

  /** @param {Message} message */
  #wait(message) {
    if (this.#waiting.length === 0) setTimeout(() => this.#takeWaiting(), NEXT_BEGINS_MS);
    this.#waiting.push(message);
    if (this.#waiting.length <= MOST_WAITING) return;
    this.#waiting.shift();
    this.#drop("flood");
  }

  #takeWaiting() {
    while (this.#waiting[0] && (!this.#begins(this.#waiting[0]) || this.#takeTurn())) {
      this.#take(/** @type {Message} */ (this.#waiting.shift()));
    }
    if (this.#waiting.length) setTimeout(() => this.#takeWaiting(), NEXT_BEGINS_MS);
  }

  /**
   * The call that a message is about, moved on by it; or the reason why there is none.
   * @param {Message} message
   * @returns {Call | string}
   */
  #callOf(message) {
    switch (message.type) {
      case "IncomingCall":
        return this.#ring(message);
      case "Dial":
        return this.#start(this.#expectedId(message.number), message, true);
      case "OutgoingActiveCallKey":
        return this.#giveKey(message.activecallkey);
      case "Accept":
        return this.#advance(this.#newest((one) => one.stage === "offered"), "accepted");
      case "Talking":
        return this.#advance(this.#toTalk(), "talking");
      default:
        return this.#end(message);
    }
  }

  /** @param {Message} message */
  #ring(message) {
    const key = message.activecallkey;
    if (key && this.#byKey(key)) return "repeat";
    // A queue may offer the call to this agent again: it rings again, and is the same call.
    return this.#start(this.#ended.get(key) ?? crypto.randomUUID(), message, false);
  }

  /**
   * @param {string} id
   * @param {Message} message
   * @param {boolean} outbound
   */
  #start(id, { number, activecallkey }, outbound) {
    /** @type {Call} */
    const call = { id, activecallkey, number, stage: "offered", outbound };
    this.#calls.set(id, call);
    return call;
  }

  /** @param {string} number */
  #expectedId(number) {
    const call = this.#expectedFor(number);
    if (call === undefined) return crypto.randomUUID(); // from the pad; one may still come
    this.#expected.delete(call);
    return call;
  }

  /**
   * The id of the dial that a `Dial` message answers: the likeliest number, none in doubt before
   * one in doubt, the oldest.
   * @param {string} number
   * @returns {string | undefined}
   */
  #expectedFor(number) {
    const [likeliest] = [...this.#expected]
      .map(([id, dial]) => ({ id, ...dial, likeness: likeness(dial.number, number) }))
      .filter((dial) => dial.likeness >= 0)
      .sort((a, b) => b.likeness - a.likeness || Number(a.doubted) - Number(b.doubted));
    return likeliest?.id;
  }

  /** @param {string} key */
  #giveKey(key) {
    if (!key) return "shape";
    if (this.#byKey(key)) return "repeat";
    const call = this.#newest((one) => one.outbound && !one.activecallkey);
    if (!call) return "no call";
    call.activecallkey = key;
    return call;
  }

  /** The call that `Talking` is about: the accepted one, or the only one if no `Accept` came. */
  #toTalk() {
    const accepted = this.#newest((one) => one.stage === "accepted");
    if (accepted || this.#calls.size > 1) return accepted;
    return this.#newest((one) => one.stage === "offered");
  }

  /**
   * @param {Call | undefined} call
   * @param {Call["stage"]} to
   */
  #advance(call, to) {
    if (!call) return this.busy ? "repeat" : "no call";
    call.stage = to;
    return call;
  }

  /** @param {Message} message */
  #end(message) {
    const key = message.activecallkey;
    const call = key ? this.#byKey(key) : this.#newest((one) => !one.activecallkey);
    if (!call && this.#ended.has(key)) return "repeat";
    if (!call && !key) return "no call";
    // A call from before this page was loaded: its record is found by the key.
    const ended = call ?? this.#start(crypto.randomUUID(), message, false);
    this.#calls.delete(ended.id);
    if (ended.activecallkey) this.#ended.set(ended.activecallkey, ended.id);
    for (const [oldest] of this.#ended) {
      if (this.#ended.size <= ENDED_KEPT) break;
      this.#ended.delete(oldest);
    }
    return ended;
  }

  /** @param {string} key */
  #byKey(key) {
    return this.#newest((call) => call.activecallkey === key);
  }

  /** @param {(call: Call) => boolean} fits */
  #newest(fits) {
    return [...this.#calls.values()].reverse().find(fits);
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

/**
 * The vendor posts a JSON string (seen in public clients); an object is taken as well.
 * @param {unknown} data
 * @returns {Message | string} the message, or the reason why it does not count
 */
function readMessage(data) {
  const content = typeof data === "string" ? parse(data) : data;
  if (typeof content !== "object" || content === null) return "shape";
  const { messageType, number, activecallkey } = /** @type {Record<string, unknown>} */ (content);
  if (typeof messageType !== "string" || !KNOWN_TYPES.has(messageType)) return "type";
  const message = { type: messageType, number: text(number), activecallkey: text(activecallkey) };
  const longest = message.number.includes("@") ? LONGEST_ADDRESS : LONGEST_NUMBER;
  if (message.number.length > longest) return "shape";
  if (message.activecallkey.length > LONGEST_KEY) return "shape";
  const nameless = !message.number && !message.activecallkey;
  if (nameless && (messageType === "IncomingCall" || messageType === "Dial")) return "shape";
  return message;
}

/** @param {string} data */
function parse(data) {
  if (data.length > LONGEST_MESSAGE) return null;
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

/** @param {unknown} value */
function text(value) {
  return typeof value === "string" || typeof value === "number" ? String(value).trim() : "";
}

/**
 * How many digits two ways of writing a number share at their ends: we may dial 0532…, the message
 * say +90532…. -1: they are two numbers. 0: the number that was dialled is withheld from the page.
 * @param {string} dialled
 * @param {string} told
 */
function likeness(dialled, told) {
  if (dialled === "") return 0;
  const [a, b] = [dialled, told].map(digitsOf);
  const compared = Math.min(a.length, b.length, TELLING_DIGITS);
  let same = 0;
  while (same < compared && a.at(-1 - same) === b.at(-1 - same)) same += 1;
  return same > 0 && same >= Math.min(compared, SAME_NUMBER_DIGITS) ? same : -1;
}

/**
 * The digits of a number, without a name before it and a host behind it: "Name" <sip:0532…@host>.
 * @param {string} number
 */
function digitsOf(number) {
  return number.replace(/^.*</, "").replace(/(?<=\d)[@;>].*$/, "").replace(/\D/g, "");
}

customElements.define("agent-softphone", AgentSoftphone);
