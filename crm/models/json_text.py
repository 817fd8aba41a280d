"""JSON columns: whatever was received can be written and read again.

`crm.factory.create_app` gives `json_text` and `json_value` to SQLAlchemy. A value read from the
database is never deeper than LEVELS and has no NUL, no lone surrogates and no huge numbers, so code
that walks through it needs no checks.
"""

import json
import math
import re
from typing import Any

LEVELS = 40  # of lists and objects within each other; what a vendor sends has two
CUT = "…"  # stands where something was too deep or too long

_PLAIN = json.JSONEncoder(allow_nan=False)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)
_ESCAPED = re.compile(r"\\u(0000|[dD][89a-fA-F])")
_SCALARS = (str, bool, type(None))
_LONGEST_NUMBER = 400  # digits; Python reads no text of more than 4,300 as a number


def json_text(value: Any) -> str:
    """JSON for a column. NaN and infinity, which Python parses though they are no JSON, become
    text: PostgreSQL refuses them.
    """
    try:
        return _PLAIN.encode(value)
    except (ValueError, RecursionError):
        return _PLAIN.encode(storable(value))


def json_value(text: str | bytes) -> Any:
    """The value of a column, safe to walk through."""
    text = text if isinstance(text, str) else text.decode()
    value = lenient_json(text, LEVELS)
    return _as_text(value) if _ESCAPED.search(text) else value


def lenient_json(text: str, levels: int) -> Any:
    """Parse JSON no deeper than `levels`; CUT replaces anything deeper.

    Raises ValueError when it is no JSON; never RecursionError.
    """
    return json.loads(
        _shallow(text, levels),
        parse_int=lambda digits: int(digits) if len(digits) <= _LONGEST_NUMBER else digits,
        parse_float=lambda digits: float(digits) if math.isfinite(float(digits)) else digits,
    )


def storable(value: Any, levels: int = LEVELS) -> Any:
    """The value, cut below `levels` and with numbers that are no JSON as text or CUT."""
    if isinstance(value, dict):
        if levels == 0:
            return CUT
        return {
            name: inner if type(inner) in _SCALARS else storable(inner, levels - 1)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [storable(inner, levels - 1) for inner in value] if levels else CUT
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and value.bit_length() > 4 * _LONGEST_NUMBER:
        return CUT
    return value


def _shallow(text: str, levels: int) -> str:
    """The text without its deeper levels, found by brackets: a parser would fail on the depth."""
    if text.count("[") + text.count("{") <= levels:
        return text
    kept, depth, start = [], 0, 0
    for token in _TOKEN.finditer(text):
        if token[0] in ("[", "{"):
            depth += 1
            if depth == levels + 1:
                kept.append(text[start : token.start()] + f'"{CUT}"')
                start = len(text)  # until it closes
        elif token[0] in ("]", "}"):
            if depth == levels + 1:
                start = token.end()
            depth -= 1
    kept.append(text[start:])
    return "".join(kept)


def _as_text(value: Any) -> Any:
    """Without NUL, which PostgreSQL refuses, and lone surrogates, which no page can show."""
    if isinstance(value, dict):
        return {_as_text(name): _as_text(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_as_text(inner) for inner in value]
    if not isinstance(value, str):
        return value
    return value.replace("\0", "").encode("utf-8", "replace").decode()
