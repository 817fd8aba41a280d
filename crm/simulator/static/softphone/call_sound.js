// The sound of calls: for each call that is up, a WebRTC connection from this page to itself. One
// end sends the microphone, the other a soft tone in place of somebody who talks. It lives exactly
// as long as the call, so what breaks the page breaks the sound, as at the vendor.

import { microphoneOrSilence } from "./microphone.js";

const UP = ["talking", "held"];
const TONE = { hertz: 330, loudness: 0.04, swaysPerSecond: 0.8 };

/** All calls' sound; the packets are counted over the life of the page. */
export class CallSound {
  /** @type {Map<number, Line>} */
  #lines = new Map();
  #packetsOfEndedCalls = 0;
  #player;

  /** @param {HTMLAudioElement} player where the far side is heard */
  constructor(player) {
    this.#player = player;
  }

  /** Open and close lines as the calls say. @param {{id: number, state: string}[]} calls */
  follow(calls) {
    for (const id of this.#lines.keys()) {
      if (!calls.some((call) => call.id === id && UP.includes(call.state))) this.#close(id);
    }
    for (const call of calls) {
      if (UP.includes(call.state)) this.#line(call.id).listen(call.state === "talking");
    }
  }

  /** @param {number} id @returns {boolean} is the call muted now? */
  toggleMute(id) {
    return this.#line(id).toggleMute();
  }

  /** Play a key's tone into the call that is up. @param {string} digit */
  sendDigit(digit) {
    [...this.#lines.values()].find((line) => line.listening)?.sendDigit(digit);
  }

  /** @returns {Promise<number>} audio packets sent since the page was loaded */
  async packetsSent() {
    const counts = await Promise.all([...this.#lines.values()].map((line) => line.packetsSent()));
    return counts.reduce((sum, count) => sum + count, this.#packetsOfEndedCalls);
  }

  /** @param {number} id */
  #line(id) {
    const line = this.#lines.get(id) ?? new Line(this.#player);
    this.#lines.set(id, line);
    return line;
  }

  /** @param {number} id */
  #close(id) {
    const line = this.#line(id);
    this.#packetsOfEndedCalls += line.lastCount;
    this.#lines.delete(id);
    line.close();
  }
}

/** The sound of one call. */
class Line {
  listening = false;
  lastCount = 0;
  #muted = false;
  #closed = false;
  #player;
  #near = new RTCPeerConnection();
  #far = new RTCPeerConnection();
  #context = new AudioContext();
  /** @type {MediaStreamTrack | undefined} */
  #microphone;
  /** @type {MediaStream | undefined} */
  #heard;

  /** @param {HTMLAudioElement} player */
  constructor(player) {
    this.#player = player;
    this.#near.addEventListener("icecandidate", (event) => this.#far.addIceCandidate(event.candidate ?? undefined).catch(ignored));
    this.#far.addEventListener("icecandidate", (event) => this.#near.addIceCandidate(event.candidate ?? undefined).catch(ignored));
    this.#near.addEventListener("track", (event) => this.#hear(event.streams[0]));
    this.#connect().catch((error) => console.warn("The call has no sound:", error));
  }

  /** On hold neither side hears the other. @param {boolean} listening */
  listen(listening) {
    this.listening = listening;
    this.#apply();
  }

  toggleMute() {
    this.#muted = !this.#muted;
    this.#apply();
    return this.#muted;
  }

  /** @param {string} digit */
  sendDigit(digit) {
    this.#near.getSenders()[0]?.dtmf?.insertDTMF(digit);
  }

  async packetsSent() {
    if (this.#closed) return 0;
    const stats = await this.#near.getStats();
    for (const stat of stats.values()) {
      if (stat.type === "outbound-rtp") this.lastCount = stat.packetsSent;
    }
    return this.#closed ? 0 : this.lastCount;
  }

  close() {
    this.#closed = true;
    this.#microphone?.stop();
    this.#near.close();
    this.#far.close();
    this.#context.close();
    if (this.#player.srcObject === this.#heard) this.#player.srcObject = null;
  }

  async #connect() {
    const stream = await microphoneOrSilence();
    this.#microphone = stream.getAudioTracks()[0];
    if (this.#closed) return this.#microphone.stop();
    this.#near.addTrack(this.#microphone, stream);
    const tone = this.#tone();
    this.#far.addTrack(tone.getAudioTracks()[0], tone);
    this.#apply();
    await this.#near.setLocalDescription();
    await this.#far.setRemoteDescription(/** @type {RTCSessionDescription} */ (this.#near.localDescription));
    await this.#far.setLocalDescription();
    await this.#near.setRemoteDescription(/** @type {RTCSessionDescription} */ (this.#far.localDescription));
  }

  #tone() {
    const [tone, sway] = [this.#context.createOscillator(), this.#context.createOscillator()];
    const [gain, depth] = [this.#context.createGain(), this.#context.createGain()];
    const out = this.#context.createMediaStreamDestination();
    tone.frequency.value = TONE.hertz;
    sway.frequency.value = TONE.swaysPerSecond;
    gain.gain.value = TONE.loudness / 2;
    depth.gain.value = TONE.loudness / 2;
    sway.connect(depth).connect(gain.gain);
    tone.connect(gain).connect(out);
    tone.start();
    sway.start();
    return out.stream;
  }

  /** @param {MediaStream} stream */
  #hear(stream) {
    this.#heard = stream;
    this.#apply();
  }

  #apply() {
    if (this.#microphone) this.#microphone.enabled = this.listening && !this.#muted;
    if (this.#heard && this.listening && this.#player.srcObject !== this.#heard) {
      this.#player.srcObject = this.#heard;
      this.#player.play().catch(ignored);
    } else if (!this.listening && this.#player.srcObject === this.#heard) {
      this.#player.srcObject = null;
    }
  }
}

/** A candidate that comes after the end, or a browser that wants a click before it plays. */
function ignored() {}
