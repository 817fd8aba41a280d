// The microphone: asked for when the page opens, so that the permission is there when it rings,
// and opened for each call. Without one, calls carry silence.

import { _ } from "../words.js";

/** Ask once. @returns {Promise<string>} empty, or a sentence that says why there is none */
export async function askForMicrophone() {
  const microphone = await openMicrophone();
  if (typeof microphone === "string") return microphone;
  microphone.getTracks().forEach((track) => track.stop());
  return "";
}

/** A stream with one audio track; silent when there is no microphone. @returns {Promise<MediaStream>} */
export async function microphoneOrSilence() {
  const microphone = await openMicrophone();
  return typeof microphone === "string" ? silence() : microphone;
}

/** @returns {Promise<MediaStream | string>} */
async function openMicrophone() {
  if (!navigator.mediaDevices) return _("No microphone: the browser gives it to https pages and localhost only.");
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch (error) {
    const refused = error instanceof DOMException && error.name === "NotAllowedError";
    return refused ? _("The microphone is not allowed here.") : _("No microphone was found.");
  }
}

/** @type {MediaStreamTrack | undefined} */
let silentTrack;

/** A source must run, or nothing at all is sent. */
function silence() {
  if (!silentTrack) {
    const context = new AudioContext();
    const source = new ConstantSourceNode(context, { offset: 0 });
    const out = context.createMediaStreamDestination();
    source.connect(out);
    source.start();
    silentTrack = out.stream.getAudioTracks()[0];
  }
  return new MediaStream([silentTrack.clone()]);
}
