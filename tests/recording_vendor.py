"""A vendor's address with a recording, as a real server: with Range or without, slow, elsewhere."""

import io
import re
import wave
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

from tests.unit.callcenterstudio.vendor import Answer, Vendor

RATE = 8000


def sound(seconds: int = 20) -> bytes:
    """A WAV file of silence, 16,000 bytes a second."""
    file = io.BytesIO()
    with wave.open(file, "wb") as made:
        made.setnchannels(1)
        made.setsampwidth(2)
        made.setframerate(RATE)
        made.writeframes(bytes(2 * RATE * seconds))
    return file.getvalue()


def plays(
    content: bytes,
    content_type: str = "audio/wav",
    *,
    knows_range: bool = True,
    tells_length: bool = True,
    asked: Callable[[BaseHTTPRequestHandler], object] = lambda _handler: None,
) -> Answer:
    """Answer with a recording, or with the part of it that is asked for."""

    def play(_vendor: Vendor, handler: BaseHTTPRequestHandler) -> None:
        asked(handler)
        part = re.fullmatch(r"bytes=(\d*)-(\d*)", handler.headers.get("Range", ""))
        if not (part and knows_range):
            _send(handler, 200, content_type, content, tells_length=tells_length)
            return
        first, last = _bounds(part[1], part[2], len(content))
        if first >= len(content):
            _send(handler, 416, "text/plain", b"", Content_Range=f"bytes */{len(content)}")
            return
        told = f"bytes {first}-{last}/{len(content)}"
        _send(handler, 206, content_type, content[first : last + 1], Content_Range=told)

    return play


def leads_to(address: str) -> Answer:
    """Answer with a redirect."""

    def play(_vendor: Vendor, handler: BaseHTTPRequestHandler) -> None:
        _send(handler, 302, "text/plain", b"over there", Location=address)

    return play


def _bounds(first: str, last: str, length: int) -> tuple[int, int]:
    if not first:
        return max(0, length - int(last)), length - 1
    return int(first), min(int(last or length), length - 1)


def _send(
    handler: BaseHTTPRequestHandler,
    status: int,
    content_type: str,
    body: bytes,
    *,
    tells_length: bool = True,
    **headers: str,
) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", content_type)
    if tells_length:
        handler.send_header("Content-Length", str(len(body)))
    else:
        handler.close_connection = True
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)
