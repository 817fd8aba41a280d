// The ring: two soft notes every three seconds, made here, so that no file need be loaded.

const EVERY_MS = 3000;
const NOTES = [
  { hertz: 784, at: 0 },
  { hertz: 988, at: 0.22 },
  { hertz: 784, at: 0.6 },
  { hertz: 988, at: 0.82 },
];
const LOUDNESS = 0.15;
const NOTE_SECONDS = 0.5;

export class Ringer {
  /** @type {AudioContext | undefined} */
  #context;
  /** @type {number | undefined} */
  #timer;

  /** Ring or be quiet. @param {boolean} ringing */
  ring(ringing) {
    if (ringing && this.#timer === undefined) {
      this.#timer = setInterval(() => this.#play(), EVERY_MS);
      this.#play();
    } else if (!ringing && this.#timer !== undefined) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      this.#context?.suspend();
    }
  }

  /** A click lets a browser that refused sound until now play the next ring. */
  wake() {
    this.#context?.resume();
  }

  #play() {
    this.#context ??= new AudioContext();
    this.#context.resume();
    for (const note of NOTES) this.#note(this.#context, note);
  }

  /** @param {AudioContext} context @param {{hertz: number, at: number}} note */
  #note(context, note) {
    const [tone, gain] = [context.createOscillator(), context.createGain()];
    const start = context.currentTime + note.at;
    tone.frequency.value = note.hertz;
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(LOUDNESS, start + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.001, start + NOTE_SECONDS);
    tone.connect(gain).connect(context.destination);
    tone.start(start);
    tone.stop(start + NOTE_SECONDS);
  }
}
