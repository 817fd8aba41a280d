"""The recordings of answered calls: some seconds of a rising tone each, made when asked for.

The CRM's player fetches them. That the address ends in the activecallkey was inferred from
public clients. Parts of a file are served (Range), so that a player can seek; each second has a
tone of its own, so that a person hears it.
"""

import io
import math
import struct
import wave
from datetime import timedelta
from functools import cache

from flask import Blueprint, abort, redirect, request, send_file
from flask.typing import ResponseReturnValue

from crm.simulator.cdr import Record
from crm.simulator.current import switchboard

blueprint = Blueprint("recordings", __name__)

RATE = 8000
SECONDS = 8
LOUDNESS = 6000
FADE_SECONDS = 0.02
LOWEST_HERTZ = 262
SEMITONES = (0, 2, 4, 5, 7, 9, 11, 12)


@blueprint.get("/recordings/<activecallkey>")
def show(activecallkey: str) -> ResponseReturnValue:
    """A WAV file or a part of it (206, 416); 404 while there is none; or what the switch says."""
    board = switchboard()
    answer = board.switches.recordings_answer
    if answer == "redirect":
        board.faults["recordings_redirected"] += 1
        return redirect(_on_another_host(activecallkey))
    record = _recorded(activecallkey)
    if record is None or answer == "missing":
        board.faults["recordings_missing"] += 1
        abort(404)
    return _sound()


@blueprint.get("/elsewhere/<activecallkey>")
def elsewhere(activecallkey: str) -> ResponseReturnValue:  # noqa: ARG001 - part of the address
    """Where the switch "redirect" leads. Whoever follows it to another host is counted."""
    switchboard().faults["recordings_fetched_elsewhere"] += 1
    return _sound()


def _on_another_host(activecallkey: str) -> str:
    """The same server under another name, so that no request leaves this machine."""
    host, _, port = request.host.partition(":")
    other = "127.0.0.1" if host == "localhost" else "localhost"
    return f"http://{other}:{port or 80}/elsewhere/{activecallkey}"


def _recorded(activecallkey: str) -> Record | None:
    """The record of an answered call whose recording is there by now."""
    board = switchboard()
    ended_before = board.clock() - timedelta(seconds=board.switches.recording_delay)
    with board.changed:
        found = [
            record
            for tenant in board.tenants
            for record in board.records.find(
                tenant, "activecallkey", activecallkey, unreadable_too=True
            )
        ]
    recorded = (one for one in found if one.answered and one.ended and one.ended <= ended_before)
    return next(recorded, None)


def _sound() -> ResponseReturnValue:
    return send_file(
        io.BytesIO(_wave()),
        mimetype="audio/wav",
        download_name="recording.wav",
        conditional=True,
        etag=False,
    )


@cache
def _wave() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(b"".join(map(_tone, SEMITONES[:SECONDS])))
    return file.getvalue()


def _tone(semitone: int) -> bytes:
    """A second of it; softly in and out, so that it does not click."""
    hertz = LOWEST_HERTZ * 2 ** (semitone / 12)
    samples = (
        int(LOUDNESS * _loudness(n / RATE) * math.sin(2 * math.pi * hertz * n / RATE))
        for n in range(RATE)
    )
    return b"".join(struct.pack("<h", sample) for sample in samples)


def _loudness(second: float) -> float:
    return min(1.0, second / FADE_SECONDS, (1 - second) / FADE_SECONDS)
