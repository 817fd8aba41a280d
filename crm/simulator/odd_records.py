"""Records as nobody expects them, for the page fault "odd". The true record stays as it is.

Real answers leave keys out, add unknown ones and write "None" for nothing (seen in public
clients); the rest are guesses at what else may come.
"""

from collections.abc import Callable, Mapping
from typing import Any

EVERY = 10
Data = dict[str, Any]


def with_odd_ones(page: list[Mapping[str, Any]]) -> list[Data]:
    """The page, each tenth record odd in another way."""
    records = [dict(data) for data in page]
    for number, place in enumerate(range(0, len(records), EVERY)):
        records[place] = ODDITIES[number % len(ODDITIES)](records[place])
    return records


def _keys_missing(data: Data) -> Data:
    return {name: data[name] for name in ("callkey", "calldate", "inbound", "callerid")}


def _unknown_keys(data: Data) -> Data:
    return data | {"sentiment": {"score": [0.1, None]}, "x": 1, "": "no name"}


def _null(data: Data) -> Data:
    return dict.fromkeys(data) | {"callkey": data["callkey"], "calldate": data["calldate"]}


def _word_none(data: Data) -> Data:
    dates = ("queuedate", "talkdate", "hangupdate", "queue", "recordingurl", "duration")
    return data | dict.fromkeys(dates, "None")


def _wrong_types(data: Data) -> Data:
    wrong = {"duration": "a while", "waitduration": [], "inbound": "perhaps", "agentid": 7}
    return data | wrong | {"callerid": {"number": data["callerid"]}, "queue": 12.5}


def _end_before_start(data: Data) -> Data:
    return data | {"hangupdate": "2001-01-01 00:00:00"}


def _far_future(data: Data) -> Data:
    return data | {"talkdate": "9999-12-31 23:59:59", "hangupdate": "2199-01-01 00:00:00"}


ODDITIES: tuple[Callable[[Data], Data], ...] = (
    *(_keys_missing, _unknown_keys, _null, _word_none),
    *(_wrong_types, _end_before_start, _far_future),
)
