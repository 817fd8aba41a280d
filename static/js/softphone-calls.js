// @ts-check
/**
 * Which call is a message of the softphone about? `Dial`, `Accept` and `Talking` carry no key of the
 * vendor's, so each call gets an id of our own. softphone.js calls this; copy the two together.
 * Nothing in here touches the page.
 *
 * The message format was seen in working public clients. Only `messageType`, `IncomingCall` and
 * `activecallkey` stand in the vendor's guide.
 */

/**
 * @typedef {{type: string, number: string, activecallkey: string}} Message
 * @typedef {"offered" | "accepted" | "talking"} Stage
 * @typedef {{id: string, activecallkey: string, number: string, stage: Stage, outbound: boolean}} Call
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

/**
 * The vendor posts a JSON string (seen in public clients); an object is taken as well.
 * @param {unknown} data
 * @returns {Message | string} the message, or the reason why it does not count
 */
export function readMessage(data) {
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

/** The calls that ring or are up, and the dials that the softphone has not spoken of yet. */
export class Calls {
  /** @type {Map<string, Call>} by our id, oldest first */
  #open = new Map();
  /** @type {Map<string, string>} activecallkey -> our id, of calls that have ended */
  #ended = new Map();
  /** @type {Map<string, {number: string, doubted: boolean}>} dials, by our id, oldest first */
  #expected = new Map();

  get busy() {
    return this.#open.size > 0;
  }

  get onCall() {
    return [...this.#open.values()].some((call) => call.outbound || call.stage !== "offered");
  }

  get dialling() {
    return this.#expected.size > 0;
  }

  /** The iframe is gone, and its calls with it. */
  clear() {
    this.#open.clear();
  }

  /**
   * @param {string} id
   * @param {string} number "" when it is withheld from the browser
   */
  expect(id, number) {
    this.#expected.set(id, { number, doubted: false });
  }

  /** @param {string} id */
  doubt(id) {
    const dial = this.#expected.get(id);
    if (dial) dial.doubted = true;
  }

  /**
   * @param {string} id
   * @returns {boolean} whether the dial was expected
   */
  forget(id) {
    return this.#expected.delete(id);
  }

  /**
   * Whether a message is the first of a call that the agent did not begin by a dial.
   * @param {Message} message
   */
  begins({ type, number, activecallkey: key }) {
    if (type === "Dial") return this.#expectedFor(number) === undefined;
    if (type === "IncomingCall") return !key || !this.#byKey(key);
    return type === "Hangup" && key !== "" && !this.#byKey(key) && !this.#ended.has(key);
  }

  /**
   * The call that a message is about, moved on by it.
   * @param {Message} message
   * @returns {Call | string} or the reason why there is none
   */
  take(message) {
    const { type, number, activecallkey: key } = message;
    switch (type) {
      case "IncomingCall":
        if (key && this.#byKey(key)) return "repeat";
        // A queue may offer the call to this agent again: it rings again, and is the same call.
        return this.#begin(this.#ended.get(key) ?? crypto.randomUUID(), message, false);
      case "Dial": {
        // One that nobody expects was dialled on the softphone's own pad.
        const expected = this.#expectedFor(number);
        if (expected !== undefined) this.#expected.delete(expected);
        return this.#begin(expected ?? crypto.randomUUID(), message, true);
      }
      case "OutgoingActiveCallKey": {
        if (!key) return "shape";
        if (this.#byKey(key)) return "repeat";
        const dialled = this.#newest((call) => call.outbound && !call.activecallkey);
        if (dialled) dialled.activecallkey = key;
        return dialled ?? "no call";
      }
      case "Accept":
        return this.#advance(this.#newest((call) => call.stage === "offered"), "accepted");
      case "Talking": {
        // The accepted call; without an `Accept` the only one.
        const accepted = this.#newest((call) => call.stage === "accepted");
        const only = this.#open.size === 1 ? this.#newest((call) => call.stage === "offered") : undefined;
        return this.#advance(accepted ?? only, "talking");
      }
      default:
        return this.#end(message);
    }
  }

  /**
   * The id of the dial that a `Dial` message answers. The likeliest number comes first, then the
   * dials that are not in doubt, then the oldest.
   * @param {string} number
   * @returns {string | undefined}
   */
  #expectedFor(number) {
    const [best] = [...this.#expected]
      .map(([id, dial]) => ({ id, ...dial, likeness: likeness(dial.number, number) }))
      .filter((dial) => dial.likeness >= 0)
      .sort((a, b) => b.likeness - a.likeness || Number(a.doubted) - Number(b.doubted));
    return best?.id;
  }

  /**
   * @param {string} id
   * @param {Message} message
   * @param {boolean} outbound
   */
  #begin(id, { number, activecallkey }, outbound) {
    /** @type {Call} */
    const call = { id, activecallkey, number, stage: "offered", outbound };
    this.#open.set(id, call);
    return call;
  }

  /**
   * @param {Call | undefined} call
   * @param {Stage} stage
   */
  #advance(call, stage) {
    if (!call) return this.busy ? "repeat" : "no call";
    call.stage = stage;
    return call;
  }

  /** @param {Message} message */
  #end(message) {
    const key = message.activecallkey;
    const call = key ? this.#byKey(key) : this.#newest((one) => !one.activecallkey);
    if (!call && this.#ended.has(key)) return "repeat";
    if (!call && !key) return "no call";
    // A call from before this page was loaded: its record is found by the key.
    const ended = call ?? this.#begin(crypto.randomUUID(), message, false);
    this.#open.delete(ended.id);
    if (ended.activecallkey) this.#ended.set(ended.activecallkey, ended.id);
    for (const oldest of this.#ended.keys()) {
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
    return [...this.#open.values()].reverse().find(fits);
  }
}

/**
 * Keeps a page that floods its parent with calls from freezing it. Beyond what a person can be
 * called, the beginnings of calls wait for their turn. Messages about a call that is open never wait,
 * nor does a dial that is expected.
 */
export class FloodLimit {
  /** @type {Message[]} beginnings of calls, and what was said about these calls since */
  #waiting = [];
  #turns = BEGIN_AT_ONCE;
  #countedAt = 0;
  #calls;
  #take;
  #drop;

  /**
   * @param {Calls} calls
   * @param {(message: Message) => void} take gets each message whose turn it is
   * @param {() => void} drop is called for each that never gets one
   */
  constructor(calls, take, drop) {
    this.#calls = calls;
    this.#take = take;
    this.#drop = drop;
  }

  /** @param {Message} message */
  receive(message) {
    const key = message.activecallkey;
    const callWaits = key && this.#waiting.some((one) => one.activecallkey === key);
    if (!callWaits && this.#hasTurn(message)) return this.#take(message);
    if (this.#waiting.length === 0) setTimeout(() => this.#takeWaiting(), NEXT_BEGINS_MS);
    this.#waiting.push(message);
    if (this.#waiting.length <= MOST_WAITING) return;
    this.#waiting.shift();
    this.#drop();
  }

  clear() {
    this.#waiting = [];
  }

  #takeWaiting() {
    while (this.#waiting[0] && this.#hasTurn(this.#waiting[0])) {
      this.#take(/** @type {Message} */ (this.#waiting.shift()));
    }
    if (this.#waiting.length) setTimeout(() => this.#takeWaiting(), NEXT_BEGINS_MS);
  }

  /** @param {Message} message */
  #hasTurn(message) {
    if (!this.#calls.begins(message)) return true;
    const now = performance.now();
    this.#turns = Math.min(BEGIN_AT_ONCE, this.#turns + (now - this.#countedAt) / NEXT_BEGINS_MS);
    this.#countedAt = now;
    if (this.#turns < 1) return false;
    this.#turns -= 1;
    return true;
  }
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
