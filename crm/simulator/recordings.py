"""The recordings of answered calls: two seconds of a soft tone each, made when asked for.

The CRM's player fetches them. That the address ends in the activecallkey was inferred from
public clients.
"""

import io
import math
import struct
import wave

from flask import Blueprint, abort, send_file
from flask.typing import ResponseReturnValue

from crm.simulator.current import switchboard

blueprint = Blueprint("recordings", __name__)

RATE = 8000
SECONDS = 2
LOUDNESS = 6000
HERTZ = 440


@blueprint.get("/recordings/<activecallkey>")
def show(activecallkey: str) -> ResponseReturnValue:
    """A WAV file, or 404 while there is no record of an answered call with that key."""
    keys = {r.activecallkey for r in switchboard().records() if r.data["answered"]}
    if activecallkey not in keys:
        abort(404)
    return send_file(_tone(), mimetype="audio/wav", download_name="recording.wav")


def _tone() -> io.BytesIO:
    samples = (
        int(LOUDNESS * math.sin(2 * math.pi * HERTZ * n / RATE)) for n in range(RATE * SECONDS)
    )
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    file.seek(0)
    return file
