// @ts-check
/**
 * <call-recording>: an <audio> that says in words why it cannot play, asks again by itself while
 * the recording is still being made, and pauses when another one starts. navigation.js loads it.
 */

/** Codes of MediaError: what came cannot be played, whoever sends it. */
const UNPLAYABLE = [3, 4];

class CallRecording extends HTMLElement {
  #wanted = false;
  /** @type {number | undefined} */
  #timer;

  constructor() {
    super();
    // Media events do not bubble, so they are caught on their way down.
    this.addEventListener("play", () => this.#plays(), true);
    this.addEventListener("pause", () => this.#pauses(), true);
    this.addEventListener("playing", () => this.#say(""), true);
    this.addEventListener("error", () => void this.#explain(), true);
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
  }

  get audio() {
    return /** @type {HTMLAudioElement} */ (this.querySelector("audio"));
  }

  #plays() {
    this.#wanted = true;
    for (const other of document.querySelectorAll("call-recording audio")) {
      if (other !== this.audio) /** @type {HTMLAudioElement} */ (other).pause();
    }
  }

  #pauses() {
    // One that fails counts as paused, but the agent still wants to hear it.
    if (!this.audio.error) this.#wanted = false;
  }

  /** An <audio> tells no reason; the same address does. */
  async #explain() {
    const { code } = this.audio.error ?? {};
    const answer = await this.#ask();
    if (!this.isConnected) return;
    if (answer?.headers.get("Content-Type")?.startsWith("audio/")) {
      this.#say(UNPLAYABLE.includes(code ?? 0) ? this.dataset.unplayable : this.dataset.interrupted);
      if (!UNPLAYABLE.includes(code ?? 0)) this.#rewind();
      return;
    }
    const pause = Number(answer?.headers.get("Retry-After"));
    this.#say(await this.#reason(answer), pause ? this.dataset.again : "");
    if (pause) this.#timer = setTimeout(() => this.#tryAgain(), pause * 1000);
    else this.#rewind();
  }

  async #ask() {
    try {
      return await fetch(this.audio.src, { headers: { Accept: "text/plain", Range: "bytes=0-0" } });
    } catch {
      return undefined;
    }
  }

  /** @param {Response | undefined} answer */
  async #reason(answer) {
    if (answer?.redirected) return this.dataset.login;
    const isOurs = answer?.headers.get("Content-Type")?.startsWith("text/plain");
    return isOurs ? answer?.text() : this.dataset.interrupted;
  }

  #tryAgain() {
    if (!this.isConnected) return;
    this.audio.load();
    if (this.#wanted) this.audio.play().catch(() => undefined); // its "error" event says why
  }

  /** Ready for another click, at the same place. */
  #rewind() {
    const place = this.audio.currentTime;
    this.audio.load();
    if (place) this.audio.currentTime = place;
  }

  /** @param {(string | undefined)[]} sentences */
  #say(...sentences) {
    const said = /** @type {HTMLElement} */ (this.querySelector("[data-said]"));
    said.textContent = sentences.filter(Boolean).join(" ");
    said.hidden = !said.textContent;
  }
}

customElements.define("call-recording", CallRecording);
