// @ts-check
/**
 * The CRM's own sound of a ring: two soft notes, made here, so that no file has to be fetched when it
 * rings. told-of-a-ring.js and the button in the agent's settings play it.
 */

const SECONDS = 3; // with the pause before it comes again
const NOTES = [
  { at: 0, hertz: 659.3 },
  { at: 0.17, hertz: 880 },
  { at: 0.34, hertz: 1318.5 },
];
const LOUDNESS = 0.22;
const FADES = 7; // a note is hardly heard after half a second

/**
 * @param {{again: boolean}} how  again: until it is ended, else once
 * @returns {() => void} ends it
 */
export function play({ again }) {
  const context = new AudioContext();
  const source = context.createBufferSource();
  source.buffer = notes(context.sampleRate);
  // A loop needs no timers, which sleep in a page that nobody sees.
  source.loop = again;
  source.connect(context.destination);
  source.start();
  const end = () => void (context.state === "closed" || context.close());
  source.addEventListener("ended", end);
  return end;
}

/** @param {number} sampleRate */
function notes(sampleRate) {
  const buffer = new AudioBuffer({ length: SECONDS * sampleRate, sampleRate });
  const samples = buffer.getChannelData(0);
  for (const { at, hertz } of NOTES) {
    for (let i = 0, from = Math.round(at * sampleRate); from + i < samples.length; i += 1) {
      const t = i / sampleRate;
      const turn = 2 * Math.PI * hertz * t;
      const swell = Math.min(1, t / 0.008); // a note that began at once would click
      samples[from + i] += LOUDNESS * swell * Math.exp(-FADES * t) * (Math.sin(turn) + Math.sin(2 * turn) / 4);
    }
  }
  return buffer;
}
